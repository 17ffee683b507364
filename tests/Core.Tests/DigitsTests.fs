/// Numbers as a person writes them.
module LongTail.Tests.DigitsTests

open Expecto
open LongTail.Core

[<Tests>]
let tests =
    testList
        "digits"
        [
            testTheory
                "a number that was said reads back"
                [
                    0.0025, "0.0025"
                    1e-5, "1e-5"
                    100., "100"
                    1e6, "1e6"
                    1e30, "1e30"
                    -2.5e-7, "-2.5e-7"
                ]
                (fun (value, text) -> Expect.equal (Digits.Text value) text "text")
            testTheory
                "a measured number has four digits, however large it is"
                [
                    2.302585, "2.303"
                    0.001234567, "0.001235"
                    1430963026435590643019664458776576., "1.431e33"
                    1.5e-9, "1.5e-9"
                    123456., "1.235e5"
                ]
                (fun (value, text) -> Expect.equal (Digits.Brief value) text "text")
        ]
