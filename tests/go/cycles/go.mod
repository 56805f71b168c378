module cycles

go 1.18
