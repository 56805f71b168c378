module rcsim.example/convertedresult

go 1.18
