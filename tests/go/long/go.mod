module rcsim.example/long

go 1.18
