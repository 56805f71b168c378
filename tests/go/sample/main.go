// Sample is a small Go program that reaches most of what the tests need from a
// real binary: reflective calls in every form, maps, strings, floats and fmt.
// Its output is the same on every run and on every architecture.
package main

import (
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"
)

// Node mixes a pointer with plain words, so that it travels in registers where
// the calling convention has them.
type Node struct {
	Next  *Node
	ID    int
	Ratio float32
}

// Point has methods with value and pointer receivers.
type Point struct{ X, Y float64 }

// Scaled returns the point multiplied by k.
func (p Point) Scaled(k float64) Point { return Point{p.X * k, p.Y * k} }

// Shift moves the point in place and reports its distance from the origin.
func (p *Point) Shift(dx, dy float64) float64 {
	p.X, p.Y = p.X+dx, p.Y+dy
	return math.Hypot(p.X, p.Y)
}

//go:noinline
func mixed(n Node, p *Node, b byte, s string, f float64, xs []int, c complex128) (*Node, Node, string, float64) {
	total := int(b)
	for _, x := range xs {
		total += x
	}
	n.Next, n.ID = p, n.ID+total
	return p, n, strings.Repeat(s, 2), f*float64(n.Ratio) + real(c)
}

//go:noinline
func large(block [40]uint64, last *int) ([40]uint64, int) {
	for i := range block {
		block[i] += uint64(i) * uint64(*last)
	}
	return block, *last
}

func callMixed() {
	tail := &Node{ID: 7}
	out := reflect.ValueOf(mixed).Call([]reflect.Value{
		reflect.ValueOf(Node{ID: 1, Ratio: 0.5}), reflect.ValueOf(tail), reflect.ValueOf(byte(3)),
		reflect.ValueOf("go"), reflect.ValueOf(2.25), reflect.ValueOf([]int{10, 20}), reflect.ValueOf(1 + 2i),
	})
	node := out[1].Interface().(Node)
	fmt.Println("call", out[0].Interface().(*Node) == tail, node.Next == tail, node.ID, out[2], out[3])
}

func callLarge() {
	var block [40]uint64
	step := 3
	out := reflect.ValueOf(large).Call([]reflect.Value{reflect.ValueOf(block), reflect.ValueOf(&step)})
	fmt.Println("large", out[0].Index(39).Uint(), out[1].Int())
}

func makeFunc() {
	swap := func(in []reflect.Value) []reflect.Value { return []reflect.Value{in[1], in[0]} }
	var words func(string, int) (int, string)
	reflect.ValueOf(&words).Elem().Set(reflect.MakeFunc(reflect.TypeOf(words), swap))
	n, s := words("left", 42)
	var pairs func(Node, Point) (Point, Node)
	reflect.ValueOf(&pairs).Elem().Set(reflect.MakeFunc(reflect.TypeOf(pairs), swap))
	p, node := pairs(Node{ID: 9, Ratio: 1.5}, Point{1, 2})
	fmt.Println("makefunc", n, s, p, node.ID, node.Ratio)
}

func methodValues() {
	p := &Point{3, 4}
	scaled := reflect.ValueOf(*p).Method(0).Interface().(func(float64) Point)
	shift := reflect.ValueOf(p).MethodByName("Shift").Interface().(func(float64, float64) float64)
	fmt.Println("method", scaled(2), shift(2, 8), *p)
	fmt.Println("method call", reflect.ValueOf(p).MethodByName("Scaled").Call([]reflect.Value{reflect.ValueOf(0.5)})[0])
}

func mapsAndText() {
	counts := map[string]int{}
	for _, word := range strings.Fields("the quick fox and the lazy dog and the end") {
		counts[word]++
	}
	keys := make([]string, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		fmt.Printf("%-6s|%d\n", key, counts[key])
	}
	fmt.Printf("%.6f %g %x %q\n", math.Sqrt(2), math.Exp(-1), math.Float64bits(math.Pi), "tab\t")
}

func main() {
	callMixed()
	callLarge()
	makeFunc()
	methodValues()
	mapsAndText()
}
