module rcsim.example/sample

go 1.18
