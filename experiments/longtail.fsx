// Loads the built language and what it stands on: `#load "longtail.fsx"`, then `open LongTail`.
#I "../src/Dsl.FSharp/bin/Release/net10.0"
#r "LongTail.dll"
#r "LongTail.Core.dll"
