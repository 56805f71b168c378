module misbehaving

go 1.19
