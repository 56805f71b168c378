package main

import (
	"math"
	"os"
	"reflect"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"unsafe"
)

// Every import is used, whatever the workloads need.
var (
	_ = math.Float64frombits
	_ = unsafe.Sizeof(0)
)

const (
	rcsimMaxDepth  = 16
	rcsimHexDigits = "0123456789abcdef"
)

// rcsimPrinter prints values in rcsim's canonical text.
type rcsimPrinter struct {
	prefix  string // what the generator put before the names of declared types
	numbers map[uintptr]int
	shown   map[uintptr]bool
	plain   bool // without numbers, for the order of map keys
	out     strings.Builder
}

func rcsimNewPrinter(prefix string) *rcsimPrinter {
	return &rcsimPrinter{prefix: prefix, numbers: map[uintptr]int{}}
}

func (p *rcsimPrinter) section(values []reflect.Value) string {
	p.shown = map[uintptr]bool{}
	p.out.Reset()
	p.list(values, 0)
	return p.out.String()
}

func (p *rcsimPrinter) list(values []reflect.Value, depth int) {
	for i, v := range values {
		if i > 0 {
			p.out.WriteByte(' ')
		}
		p.value(v, depth)
	}
}

func (p *rcsimPrinter) value(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		p.out.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.out.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.out.WriteString(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32:
		p.float32(float32(v.Float()))
	case reflect.Float64:
		p.hex(math.Float64bits(v.Float()), 16)
	case reflect.Complex64, reflect.Complex128:
		p.complex(v.Complex(), v.Kind() == reflect.Complex64)
	case reflect.String:
		p.out.WriteString(rcsimQuote(v.String()))
	case reflect.Ptr:
		p.pointer(v, depth)
	case reflect.Slice:
		p.slice(v, depth)
	case reflect.Map:
		p.mapping(v, depth)
	case reflect.Chan:
		p.opaque(v.Pointer(), "chan")
	case reflect.Func:
		p.opaque(v.Pointer(), "func")
	case reflect.UnsafePointer:
		p.opaque(v.Pointer(), "unsafe")
	case reflect.Interface:
		p.dynamic(v, depth)
	case reflect.Array:
		p.out.WriteByte('[')
		p.list(rcsimElements(v), depth)
		p.out.WriteByte(']')
	case reflect.Struct:
		p.structure(v, depth)
	default:
		panic("rcsim: value of unknown kind " + v.Kind().String())
	}
}

func (p *rcsimPrinter) hex(bits uint64, digits int) {
	p.out.WriteString("0x")
	for digits--; digits >= 0; digits-- {
		p.out.WriteByte(rcsimHexDigits[bits>>(4*uint(digits))&15])
	}
}

func (p *rcsimPrinter) float32(f float32) {
	bits := math.Float32bits(f)
	if f != f {
		bits |= 1 << 22
	}
	p.hex(uint64(bits), 8)
}

func (p *rcsimPrinter) complex(c complex128, single bool) {
	for i, part := range [2]float64{real(c), imag(c)} {
		p.out.WriteByte("(,"[i])
		if single {
			p.float32(float32(part))
		} else {
			p.hex(math.Float64bits(part), 16)
		}
	}
	p.out.WriteByte(')')
}

func (p *rcsimPrinter) pointer(v reflect.Value, depth int) {
	if v.IsNil() {
		p.out.WriteString("nil")
		return
	}
	if v.Type().Elem().Size() > 0 && !p.name(v.Pointer(), "=") {
		return
	}
	p.out.WriteByte('&')
	if depth >= rcsimMaxDepth {
		p.out.WriteString("...")
		return
	}
	p.value(v.Elem(), depth+1)
}

func (p *rcsimPrinter) slice(v reflect.Value, depth int) {
	if v.IsNil() {
		p.out.WriteString("nil")
		return
	}
	first := v.Cap() == 0 || v.Type().Elem().Size() == 0 || p.name(v.Pointer(), "")
	p.out.WriteString("[" + strconv.Itoa(v.Len()) + ":" + strconv.Itoa(v.Cap()) + "]")
	if !first {
		return
	}
	p.out.WriteByte('{')
	if depth >= rcsimMaxDepth {
		p.out.WriteString("...")
	} else {
		p.list(rcsimElements(v), depth+1)
	}
	p.out.WriteByte('}')
}

func (p *rcsimPrinter) mapping(v reflect.Value, depth int) {
	if v.IsNil() {
		p.out.WriteString("nil")
		return
	}
	if !p.name(v.Pointer(), "=") {
		return
	}
	p.out.WriteString("map{")
	if depth >= rcsimMaxDepth {
		p.out.WriteString("...")
	} else {
		for i, key := range p.sortedKeys(v) {
			if i > 0 {
				p.out.WriteByte(' ')
			}
			p.value(key, depth+1)
			p.out.WriteByte(':')
			p.value(v.MapIndex(key), depth+1)
		}
	}
	p.out.WriteByte('}')
}

func (p *rcsimPrinter) sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	texts := make(map[int]string)
	order := make([]int, len(keys))
	for i, key := range keys {
		plain := &rcsimPrinter{prefix: p.prefix, plain: true}
		plain.value(key, 0)
		texts[i], order[i] = plain.out.String(), i
	}
	sort.Slice(order, func(i, j int) bool { return texts[order[i]] < texts[order[j]] })
	sorted := make([]reflect.Value, len(keys))
	for i, from := range order {
		sorted[i] = keys[from]
	}
	return sorted
}

func (p *rcsimPrinter) dynamic(v reflect.Value, depth int) {
	if v.IsNil() {
		p.out.WriteString("nil")
		return
	}
	content := v.Elem()
	name := strings.Replace(content.Type().String(), "main."+p.prefix, "main.", -1)
	p.out.WriteString(name + "(")
	p.value(content, depth)
	p.out.WriteByte(')')
}

func (p *rcsimPrinter) structure(v reflect.Value, depth int) {
	p.out.WriteByte('{')
	first := true
	for i := 0; i < v.NumField(); i++ {
		field := v.Type().Field(i)
		if field.Name == "_" {
			continue
		}
		if !first {
			p.out.WriteByte(' ')
		}
		first = false
		name := field.Name
		if field.Anonymous {
			name = strings.TrimPrefix(name, p.prefix)
		}
		p.out.WriteString(name + ":")
		p.value(v.Field(i), depth)
	}
	p.out.WriteByte('}')
}

func (p *rcsimPrinter) opaque(address uintptr, word string) {
	if address == 0 {
		p.out.WriteString("nil")
	} else if p.name(address, "=") {
		p.out.WriteString(word)
	}
}

// name writes an object's number; true when its content is to follow, after link.
func (p *rcsimPrinter) name(address uintptr, link string) bool {
	if p.plain {
		return true
	}
	number, known := p.numbers[address]
	if !known {
		number = len(p.numbers) + 1
		p.numbers[address] = number
	}
	p.out.WriteString("#" + strconv.Itoa(number))
	if p.shown[address] {
		return false
	}
	p.shown[address] = true
	p.out.WriteString(link)
	return true
}

func rcsimElements(v reflect.Value) []reflect.Value {
	elements := make([]reflect.Value, v.Len())
	for i := range elements {
		elements[i] = v.Index(i)
	}
	return elements
}

func rcsimQuote(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			out.WriteString("\\x")
			out.WriteByte(rcsimHexDigits[c>>4])
			out.WriteByte(rcsimHexDigits[c&15])
		} else {
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// What the actions of callees use.
var (
	rcsimKept      []interface{}
	rcsimKeptBytes []byte
	rcsimReceived  []reflect.Value
	rcsimSink      float64
)

func rcsimKeep(x interface{}) {
	rcsimKept = append(rcsimKept, x)
}

//go:noinline
func rcsimAllocate(bytes int) {
	rcsimKeptBytes = make([]byte, bytes)
}

//go:noinline
func rcsimGrowStack(bytes int) byte {
	var pad [512]byte
	pad[bytes&511] = 1
	if bytes <= len(pad) {
		return pad[0]
	}
	return rcsimGrowStack(bytes-len(pad)) + pad[1]
}

//go:noinline
func rcsimNothing() {}

//go:noinline
func rcsimCallBack() {
	reflect.ValueOf(rcsimNothing).Call(nil)
}

// rcsimClobber overwrites what compiled code can reach: every register that carries arguments.
//
//go:noinline
func rcsimClobber(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p int, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, af float64) (int, float64) {
	return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j ^ k ^ l ^ m ^ n ^ o ^ p, q + r + s + t + u + v + w + x + y + z + aa + ab + ac + ad + ae + af
}

//go:noinline
func rcsimClobberRegisters() {
	i, f := rcsimClobber(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
	rcsimSink = float64(i) + f
}

// rcsimReport prints the line of a workload: what call returns, or the panic that ends it.
func rcsimReport(name string, call func() string) {
	text := ""
	func() {
		defer func() {
			if e := recover(); e != nil {
				s, ok := e.(string)
				if !ok {
					panic(e)
				}
				text = "panic " + rcsimQuote(s)
			}
		}()
		text = call()
	}()
	os.Stdout.WriteString(name + "\t" + text + "\n")
	runtime.KeepAlive(rcsimKept)
}
