/// A server that drops connections, lies about lengths and serves wrong bytes; and archives of the wrong kind.
module LongTail.Tests.DownloadTests

open System
open System.Formats.Tar
open System.IO
open System.IO.Compression
open System.Net.Http
open System.Security.Cryptography
open System.Text
open System.Threading
open Expecto
open LongTail.Core.Downloads
open LongTail.Tests.Server
open LongTail.Tests.TempFolder

let private truth = Array.init 100_000 (fun i -> byte (i * i / 7))

let private md5 (bytes: byte array) =
    Convert.ToHexStringLower(MD5.HashData bytes)

let private fetchWith length checksum address target =
    use client = new HttpClient()

    let download =
        Download(client, TimeSpan.FromMilliseconds 1., TimeSpan.FromSeconds 20.)

    download.Fetch(PublishedFile(Uri(address, "file"), length, checksum), target, ignore, CancellationToken.None)

let private fetch = fetchWith (Nullable(int64 truth.Length)) (md5 truth)

/// Fetches by this rule; gives the requests' ranges. Whatever comes, a file in place is the true one.
let private fetched fetch rule prepare =
    inTempFolder (fun folder ->
        let target = Path.Combine(folder, "file")
        prepare (target + ".part")

        serving rule (fun address ranges ->
            let outcome =
                try
                    fetch address target
                    None
                with :? LongTail.Core.InputException as e ->
                    Some e.Message

            if File.Exists target then
                Expect.equal (File.ReadAllBytes target) truth "the true bytes"
                Expect.isFalse (File.Exists(target + ".part")) "no part beside it"

            Expect.equal (File.Exists target) outcome.IsNone "a file where it succeeded, none where it did not"
            outcome, List.ofSeq ranges, File.Exists(target + ".part")))

[<Tests>]
let downloads =
    testList
        "a download"
        [
            testCase "comes whole" (fun () ->
                Expect.equal (fetched fetch (fun _ -> honest truth) ignore) (None, [ None ], false) "one request")
            testCase "goes on where a dropped connection left it" (fun () ->
                let rule i range =
                    honest truth range |> cut (if i < 3 then 20_000 else 100_000)

                let outcome, ranges, _ = fetched fetch rule ignore
                Expect.isNone outcome "in the end"

                Expect.equal ranges [ None; Some 20_000L; Some 40_000L; Some 60_000L ] "ranges")
            testCase "goes on from an earlier try" (fun () ->
                let prepare (part: string) =
                    File.WriteAllBytes(part, Array.truncate 70_000 truth)

                Expect.equal (fetched fetch (fun _ -> honest truth) prepare) (None, [ Some 70_000L ], false) "the rest")
            testCase "starts again where the earlier try is of another version" (fun () ->
                let prepare (part: string) =
                    File.WriteAllBytes(part, Array.zeroCreate 70_000)

                Expect.equal
                    (fetched fetch (fun _ -> honest truth) prepare)
                    (None, [ Some 70_000L; None ], false)
                    "once more")
            testCase "starts again where the earlier try is too long" (fun () ->
                let prepare (part: string) =
                    File.WriteAllBytes(part, Array.zeroCreate 200_000)

                Expect.equal (fetched fetch (fun _ -> honest truth) prepare) (None, [ None ], false) "anew")
            testCase "starts again where the server knows no ranges" (fun () ->
                let prepare (part: string) =
                    File.WriteAllBytes(part, Array.truncate 70_000 truth)

                let outcome, ranges, _ = fetched fetch (fun _ _ -> whole truth) prepare
                Expect.equal (outcome, ranges) (None, [ Some 70_000L ]) "whole")
            testCase "is not taken from a server that says it is shorter" (fun () ->
                let rule _ range =
                    match range with
                    | None -> whole (Array.truncate 50_000 truth)
                    | Some _ ->
                        {
                            Status = "416 Range Not Satisfiable"
                            Headers = [ "Content-Length: 0" ]
                            Body = [||]
                        }

                let outcome, _, _ = fetched fetch rule ignore

                Expect.stringContains
                    (Option.get outcome)
                    "has 50000 bytes, the published file 100000"
                    "says that it is another")
            testCase "is not taken from a server that says it is longer and hangs up" (fun () ->
                let rule _ range =
                    { honest truth range with
                        Headers = [ "Content-Length: 500000" ]
                    }

                Expect.isNone (let outcome, _, _ = fetched fetch rule ignore in outcome) "its true bytes are enough")
            testCase "is not taken, nor kept, where the server has a shorter file" (fun () ->
                let outcome, _, part = fetched fetch (fun _ _ -> whole truth[..79_999]) ignore
                Expect.stringContains (Option.get outcome) "has 80000 bytes, the published file 100000" "says so"
                Expect.isFalse part "nothing kept")
            testCase "is not taken from a server that gives more" (fun () ->
                let outcome, _, part =
                    fetched fetch (fun _ _ -> whole (Array.append truth truth)) ignore

                Expect.stringContains (Option.get outcome) "more than its 100000 bytes" "says so"
                Expect.isTrue part "an empty part is no file")
            testCase "is not taken with wrong bytes, of which nothing stays" (fun () ->
                let outcome, ranges, part =
                    fetched fetch (fun _ _ -> whole (Array.zeroCreate 100_000)) ignore

                Expect.stringContains (Option.get outcome) "not " "says so"
                Expect.stringContains (Option.get outcome) (md5 truth) "names the checksum"
                Expect.equal (ranges, part) ([ None ], false) "one try, nothing kept")
            testCase "is given up, with what is here kept, where the server only hangs up" (fun () ->
                let rule i range =
                    honest truth range |> cut (if i = 0 then 30_000 else 0)

                let outcome, ranges, part = fetched fetch rule ignore
                Expect.stringContains (Option.get outcome) "30000 of 100000 bytes are here and kept" "says so"
                Expect.equal (ranges.Length, part) (6, true) "five tries that brought nothing")
            testCase "is given up where the server has no such file" (fun () ->
                let rule _ _ =
                    {
                        Status = "404 Not Found"
                        Headers = [ "Content-Length: 0" ]
                        Body = [||]
                    }

                let outcome, _, _ = fetched fetch rule ignore
                Expect.stringContains (Option.get outcome) "404" "says so")
            testCase "of unknown length comes whole, also in pieces, and is told by its SHA-256" (fun () ->
                let sum = Convert.ToHexStringLower(SHA256.HashData truth)
                let fetch = fetchWith (Nullable()) sum

                let rule i range =
                    honest truth range |> cut (if i = 0 then 30_000 else 100_000)

                Expect.equal (fetched fetch rule ignore) (None, [ None; Some 30_000L ], false) "pieces"

                let silent _ _ = { whole truth with Headers = [] }

                Expect.equal (fetched fetch silent ignore) (None, [ None ], false) "no length at all")
        ]

let private packed (write: TarWriter -> unit) body =
    inTempFolder (fun folder ->
        let file = Path.Combine(folder, "archive.tar.gz")

        using (File.Create file) (fun stream ->
            use zip = new GZipStream(stream, CompressionMode.Compress)
            use tar = new TarWriter(zip)
            write tar)

        body folder file)

let private entry (tar: TarWriter) (path: string) (text: string) =
    let entry = PaxTarEntry(TarEntryType.RegularFile, path)
    entry.DataStream <- new MemoryStream(Encoding.UTF8.GetBytes text)
    tar.WriteEntry entry

/// Whatever is wrong: one line, and no folder.
let private refused folder file words =
    let message = inputError (fun () -> Archive.Unpack(file, "set", folder))
    Expect.stringContains message words "words"
    Expect.isFalse (message.Contains '\n') "one line"
    Expect.isEmpty (Directory.GetDirectories folder) "nothing left"

[<Tests>]
let archives =
    testList
        "an archive"
        [
            testCase "is unpacked whole, in place of what was there" (fun () ->
                packed (fun tar -> entry tar "set/a.bin" "new") (fun folder file ->
                    Directory.CreateDirectory(Path.Combine(folder, "set")) |> ignore
                    File.WriteAllText(Path.Combine(folder, "set", "old.bin"), "old")
                    Archive.Unpack(file, "set", folder)

                    Expect.equal
                        (Directory.GetFiles(Path.Combine(folder, "set")))
                        [| Path.Combine(folder, "set", "a.bin") |]
                        "the new one"))
            testCase "without its folder is refused" (fun () ->
                packed (fun tar -> entry tar "other/a.bin" "") (fun folder file -> refused folder file "no folder set"))
            testCase "whose paths lead elsewhere is refused" (fun () ->
                packed (fun tar -> entry tar "set/../../a.bin" "") (fun folder file ->
                    refused folder file "cannot be unpacked"
                    Expect.isFalse (File.Exists(Path.Combine(folder, "..", "a.bin"))) "nothing elsewhere"))
            testCase "that is cut short is refused" (fun () ->
                packed (fun tar -> entry tar "set/a.bin" (String('x', 5000))) (fun folder file ->
                    File.WriteAllBytes(file, Array.truncate 60 (File.ReadAllBytes file))
                    refused folder file "fetch it again"))
            testCase "that is none is refused" (fun () ->
                inTempFolder (fun folder ->
                    let file = Path.Combine(folder, "archive.tar.gz")
                    File.WriteAllText(file, "<html>not found</html>")
                    refused folder file "cannot be unpacked"))
        ]
