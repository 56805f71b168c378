module rcsim.example/halfwrittennil

go 1.18
