// Tour is a Go program that goes through what a compiler emits most: integers of
// every width, floats, conversions, strings, maps, recursion until the stack
// grows, goroutines, panics, reflective calls. It prints with println alone, so
// that it needs nothing of its system but a place to write, and it prints the
// same on every run and on every architecture.
package main

import (
	"math"
	"math/bits"
	"reflect"
	"sort"
	"strconv"
)

type digest uint64

func (d *digest) add(words ...uint64) {
	for _, w := range words {
		*d = (*d ^ digest(w)) * 0x100000001b3
		*d ^= *d >> 29
	}
}

var (
	integers = []int64{0, 1, -1, 2, -2, 7, -7, 63, 64, 127, -128, 255, 256, 32767, -32768, 65535, 1 << 31,
		-1 << 31, 1<<31 - 1, 1 << 32, 1<<53 + 1, math.MaxInt64, math.MinInt64, 0x123456789abcdef}
	floats = []float64{0, math.Copysign(0, -1), 1, -1, 0.5, 1.5, 2.5, -2.5, 1e-320, 1e300, -1e300, 3.9999, 1 << 31,
		1 << 53, math.Pi, math.MaxFloat32, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN()}
)

//go:noinline
func arithmetic(d *digest, a, b int64) {
	x8, y8, x16, y16, x32, y32 := int8(a), int8(b), int16(a), int16(b), int32(a), int32(b)
	d.add(uint64(a+b), uint64(a-b), uint64(a*b), uint64(a&b), uint64(a|b), uint64(a^b), uint64(a&^b))
	d.add(uint64(x8+y8), uint64(x8*y8), uint64(x16-y16), uint64(x16*y16), uint64(x32+y32), uint64(x32*y32))
	if b != 0 {
		d.add(uint64(a/b), uint64(a%b), uint64(a)/uint64(b), uint64(a)%uint64(b))
	}
	if y32 != 0 {
		d.add(uint64(x32/y32), uint64(x32%y32), uint64(uint32(x32)/uint32(y32)), uint64(uint32(x32)%uint32(y32)))
	}
	if y8 != 0 {
		d.add(uint64(x8/y8), uint64(x8%y8), uint64(uint8(x8)/uint8(y8)))
	}
}

//go:noinline
func shifts(d *digest, a int64, n uint) {
	d.add(uint64(a<<n), uint64(a>>n), uint64(a)>>n, uint64(int32(a)<<n), uint64(int32(a)>>n), uint64(uint32(a)>>n))
	d.add(bits.RotateLeft64(uint64(a), int(n)), uint64(bits.RotateLeft32(uint32(a), int(n))))
	d.add(uint64(bits.LeadingZeros64(uint64(a))), uint64(bits.TrailingZeros32(uint32(a))), uint64(bits.OnesCount64(uint64(a))))
	hi, lo := bits.Mul64(uint64(a), uint64(n)+1<<40)
	d.add(hi, lo, bits.ReverseBytes64(uint64(a)))
}

//go:noinline
func compare(a, b float64, x, y int64) (mask uint64) {
	for i, holds := range []bool{a < b, a <= b, a == b, a != b, a > b, a >= b, x < y, x <= y, x == y, uint64(x) < uint64(y)} {
		if holds {
			mask |= 1 << i
		}
	}
	return mask
}

// canonical hides which NaN it is: Go leaves that open.
func canonical(f float64) uint64 {
	if f != f {
		return 0x7ff8000000000000
	}
	return math.Float64bits(f)
}

//go:noinline
func floating(d *digest, a, b float64) {
	d.add(canonical(a+b), canonical(a-b), canonical(a*b), canonical(a/b), canonical(math.Sqrt(a)), canonical(math.Abs(b)))
	d.add(canonical(math.Floor(a)), canonical(math.Ceil(a)), canonical(math.Trunc(a)), canonical(math.RoundToEven(a)))
	d.add(canonical(math.Copysign(a, b)), canonical(math.Min(a, b)), canonical(math.Max(a, b)), canonical(float64(float32(a))))
	d.add(canonical(float64(float32(a)*float32(b))), canonical(float64(float32(a)+float32(b))))
	if math.Abs(a) < 1<<31 {
		d.add(uint64(int64(a)), uint64(int32(a)), uint64(int64(float32(a))))
	}
	if a >= 0 && a < 1<<63 {
		d.add(uint64(a), uint64(uint32(int64(math.Mod(a, 1<<32)))))
	}
}

//go:noinline
func fromIntegers(d *digest, a int64) {
	d.add(canonical(float64(a)), canonical(float64(uint64(a))), canonical(float64(float32(a))))
	d.add(canonical(float64(int32(a))), canonical(float64(uint32(a))), canonical(float64(float32(uint32(a)))))
}

type tree struct {
	left, right *tree
	key         int
	name        string
}

func (t *tree) insert(key int) *tree {
	if t == nil {
		return &tree{key: key, name: strconv.Itoa(key)}
	}
	if key < t.key {
		t.left = t.left.insert(key)
	} else {
		t.right = t.right.insert(key)
	}
	return t
}

func (t *tree) walk(visit func(*tree)) {
	if t != nil {
		t.left.walk(visit)
		visit(t)
		t.right.walk(visit)
	}
}

// deep uses so much stack that it grows many times.
//
//go:noinline
func deep(n int, above *[32]uint64) uint64 {
	var own [32]uint64
	own[n&31] = uint64(n) + above[(n+1)&31]
	if n == 0 {
		return own[0]
	}
	return deep(n-1, &own) + own[n&31]
}

func producers(n int) int {
	numbers, sums := make(chan int), make(chan int, 2)
	for worker := 0; worker < 3; worker++ {
		go func() {
			sum := 0
			for x := range numbers {
				sum += x * x
			}
			sums <- sum
		}()
	}
	for i := 0; i < n; i++ {
		numbers <- i
	}
	close(numbers)
	return <-sums + <-sums + <-sums
}

func recovered(what func()) (message string) {
	defer func() {
		switch err := recover().(type) {
		case nil:
			message = "nothing"
		case error:
			message = err.Error()
		case string:
			message = err
		}
	}()
	what()
	return "returned"
}

func panics() {
	var none *tree
	zero, index, array := 0, 5, []int{1, 2, 3}
	var any interface{} = "text"
	println(recovered(func() { println(none.key) }))
	println(recovered(func() { println(1 / zero) }))
	println(recovered(func() { println(array[index]) }))
	println(recovered(func() { println(any.(int)) }))
	println(recovered(func() { panic("own") }))
	println(recovered(func() { defer func() { panic("second") }(); panic("first") }))
}

func (t tree) describe(prefix string, scale float64, others ...*tree) (string, float64) {
	return prefix + t.name, scale * float64(t.key+len(others))
}

func reflection() {
	t := tree{key: 20, name: "twenty"}
	out := reflect.ValueOf(t.describe).Call([]reflect.Value{reflect.ValueOf("is "), reflect.ValueOf(0.25), reflect.ValueOf(&t)})
	println(out[0].String(), out[1].Float())
	bound := reflect.ValueOf(t).MethodByName("Describe")
	println(bound.IsValid())
	var made func(a [3]int64, s string, f float32) (string, [3]int64)
	reverse := func(in []reflect.Value) []reflect.Value {
		array := in[0].Interface().([3]int64)
		array[0], array[2] = array[2], array[0]
		deep(300, new([32]uint64))
		return []reflect.Value{reflect.ValueOf(in[1].String() + strconv.Itoa(int(in[2].Float()*8))), reflect.ValueOf(array)}
	}
	reflect.ValueOf(&made).Elem().Set(reflect.MakeFunc(reflect.TypeOf(made), reverse))
	text, array := made([3]int64{1, 2, 3}, "eighths: ", 1.625)
	println(text, array[0], array[1], array[2])
}

func main() {
	var d digest
	for _, a := range integers {
		for _, b := range integers {
			arithmetic(&d, a, b)
		}
		for _, n := range []uint{0, 1, 7, 31, 32, 33, 63, 64, 65} {
			shifts(&d, a, n)
		}
		fromIntegers(&d, a)
	}
	println("integers", uint64(d))
	for i, a := range floats {
		for j, b := range floats {
			floating(&d, a, b)
			d.add(compare(a, b, integers[i], integers[j]))
		}
	}
	println("floats", uint64(d))
	var root *tree
	counts := map[string]int{}
	for i, key := 0, 1; i < 500; i++ {
		key = key*1103515245 + 12345
		root = root.insert(key >> 16 & 1023)
		counts[strconv.Itoa(key&15)]++
	}
	root.walk(func(t *tree) { d.add(uint64(t.key), uint64(len(t.name))) })
	keys := make([]string, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		d.add(uint64(counts[key]), uint64(key[0]))
	}
	println("structures", uint64(d))
	println("deep", deep(4000, new([32]uint64)))
	println("goroutines", producers(200))
	panics()
	reflection()
	println("end", uint64(d))
}
