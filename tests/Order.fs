/// Comparisons that fail where a side is no number: Expecto's fail where the opposite holds, and of NaN nothing does.
module LongTail.Tests.Order

open Expecto

let private holds relation actual compared what =
    if not (relation actual compared) then
        failtest $"{what}: {actual} beside {compared}"

let isLessThan actual compared what = holds (<) actual compared what
let isLessThanOrEqual actual compared what = holds (<=) actual compared what
let isGreaterThan actual compared what = holds (>) actual compared what
let isGreaterThanOrEqual actual compared what = holds (>=) actual compared what

[<Tests>]
let tests =
    testCase "what is no number passes no comparison" (fun () ->
        for comparison in [ isLessThan; isLessThanOrEqual; isGreaterThan; isGreaterThanOrEqual ] do
            Expect.throwsT<AssertException> (fun () -> comparison nan 1. "nan") "beside 1"
            Expect.throwsT<AssertException> (fun () -> comparison 1. nan "nan") "1 beside it")
