// Example is the least Go program that rcsim can call functions in: reflect's machinery is linked into it, because it is used.
package main

import "reflect"

// T has a method, so that a method value can be made.
type T int

// M returns the sum of its receiver and its argument.
func (t T) M(n int) int { return int(t) + n }

func main() {
	same := func(args []reflect.Value) []reflect.Value { return args }
	made := reflect.MakeFunc(reflect.TypeOf(func(int) int { return 0 }), same)
	seven := made.Call([]reflect.Value{reflect.ValueOf(7)})[0].Int()
	bound := reflect.ValueOf(T(1)).Method(0).Interface().(func(int) int)
	println(bound(int(seven)))
}
