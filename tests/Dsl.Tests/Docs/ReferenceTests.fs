module LongTail.Tests.Docs.ReferenceTests

open System.IO
open Expecto
open LongTail.Tests

[<Tests>]
let tests =
    testList
        "reference"
        [
            testCase "docs/reference.md is what the sources say" (fun () ->
                Approved.file (Path.Combine(Page.house, "docs", "reference.md")) (Reference.page ()))

            testCase "every keyword says what it does" (fun () ->
                let silent =
                    [
                        for section in Reference.all.Value do
                            for keyword in section.Keywords do
                                if keyword.Summary.IsNone then
                                    $"{section.Title}: {keyword.Name}"
                    ]

                Expect.isEmpty silent "no doc comment")

            testCase "every module that scripts have open has its section" (fun () ->
                Expect.isEmpty Reference.forgotten.Value "without a section")
        ]
