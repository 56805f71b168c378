module rcsim.example/tour

go 1.18
