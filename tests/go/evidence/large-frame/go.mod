module rcsim.example/largeframe

go 1.18
