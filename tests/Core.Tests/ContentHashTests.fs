/// What a file holds, told by its bytes alone and remembered between two looks.
module LongTail.Tests.ContentHashTests

open System
open System.IO
open Expecto
open LongTail.Core
open LongTail.Core.Files
open LongTail.Tests.TempFolder

let private written (path: string) (text: string) (ago: TimeSpan) =
    File.WriteAllText(path, text)
    File.SetLastWriteTimeUtc(path, DateTime.UtcNow - ago)

[<Tests>]
let tests =
    testList
        "content hash"
        [
            testCase "is the SHA-256 of the bytes, wherever they lie" (fun () ->
                inTempFolder (fun folder ->
                    let a, b = Path.Combine(folder, "a"), Path.Combine(folder, "b")
                    written a "abc" (TimeSpan.FromHours 1.)
                    written b "abc" (TimeSpan.FromHours 2.)

                    // FIPS 180-2, appendix B.1.
                    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                    Expect.equal (ContentHash.Of a) expected "a"
                    Expect.equal (ContentHash.Of a) expected "a, remembered"
                    Expect.equal (ContentHash.Of b) expected "b"
                    Expect.equal (ContentHash.OfAll [ a; b ]) (ContentHash.OfAll [ b; a ]) "names do not enter"))
            testCase "follows what is written into the file, early and late" (fun () ->
                inTempFolder (fun folder ->
                    let path = Path.Combine(folder, "a")

                    let seen =
                        [
                            for text, ago in [ "one", 100.; "two", 50.; "six", 0.; "ten", 0. ] do
                                written path text (TimeSpan.FromHours ago)
                                ContentHash.Of path
                        ]

                    Expect.hasLength (List.distinct seen) 4 "four contents of one length"))
            testCase "of several files goes by their order" (fun () ->
                inTempFolder (fun folder ->
                    let a, b = Path.Combine(folder, "a"), Path.Combine(folder, "b")
                    written a "abc" (TimeSpan.FromHours 1.)
                    written b "abd" (TimeSpan.FromHours 1.)
                    Expect.notEqual (ContentHash.OfAll [ a; b ]) (ContentHash.OfAll [ b; a ]) "order"))
            testCase "of what is not there is an error with its path" (fun () ->
                inTempFolder (fun folder ->
                    let path = Path.Combine(folder, "none")
                    Expect.stringContains (inputError (fun () -> ContentHash.Of path)) path "path"))
        ]
