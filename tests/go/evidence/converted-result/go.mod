module evidence/convertedresult

go 1.17
