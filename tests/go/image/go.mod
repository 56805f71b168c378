module rcsim.example/image

go 1.18
