module LongTail.Tests.SafetensorsFuzzTests

open System
open System.IO
open System.Text
open Expecto
open TorchSharp
open LongTail.Core
open LongTail.Core.Files
open LongTail.Tests.TempFolder

let private raw (header: byte[]) (data: byte[]) =
    Array.concat [ BitConverter.GetBytes(int64 header.Length); header; data ]

let private file (header: string) (bytes: int) =
    raw (Encoding.UTF8.GetBytes header) (Array.zeroCreate bytes)

/// Reads a file and all of its tensors: the error's message, or the names.
let private readAll (bytes: byte[]) =
    inTempFolder (fun folder ->
        let path = Path.Combine(folder, "weights.safetensors")
        File.WriteAllBytes(path, bytes)

        try
            use scope = torch.NewDisposeScope()
            use file = Safetensors.Read path

            for entry in file.Tensors do
                Expect.equal file[entry.Name].shape (Array.ofSeq entry.Shape) "the shape that the header tells"

            Ok [ for entry in file.Tensors -> entry.Name ]
        with :? InputException as error ->
            Expect.stringContains error.Message path "the message names the file"
            Expect.isFalse (error.Message.Contains '\n') "the message is one line"
            Error error.Message)

let private entry dtype shape (first: int64) (last: int64) =
    $"{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{first},{last}]}}"

/// A file with a tensor of each kind, one of them without a number, and metadata.
let private good =
    lazy
        (inTempFolder (fun folder ->
            let path = Path.Combine(folder, "good.safetensors")
            use scope = torch.NewDisposeScope()
            let names = List.ofSeq TensorEntry.TypeNames

            let tensors =
                names
                |> List.mapi (fun i name -> name, torch.ones ([| 2L; int64 i |], (TensorEntry.TypeOf name).Value))

            Safetensors.Write(path, readOnlyDict tensors, readOnlyDict [ "made by", "a test" ])
            File.ReadAllBytes path))

let private malformed =
    let f32 = entry "F32" "[2]" 0L 8L

    [
        "an unknown dtype", file $"""{{"w":{entry "F8" "[8]" 0L 8L}}}""" 8, [ "tensor w"; "F8" ]
        "a dtype that is a number",
        file """{"w":{"dtype":1,"shape":[2],"data_offsets":[0,8]}}""" 8,
        [ "tensor w"; "dtype" ]
        "no dtype", file """{"w":{"shape":[2],"data_offsets":[0,8]}}""" 8, [ "tensor w"; "dtype" ]
        "another dtype's size", file $"""{{"w":{entry "F16" "[2]" 0L 8L}}}""" 8, [ "tensor w"; "4 bytes" ]
        "another shape's size", file $"""{{"w":{entry "F32" "[3]" 0L 8L}}}""" 8, [ "tensor w"; "12 bytes" ]
        "no shape", file """{"w":{"dtype":"F32","data_offsets":[0,8]}}""" 8, [ "tensor w"; "shape" ]
        "a negative size", file $"""{{"w":{entry "F32" "[-2]" 0L 8L}}}""" 8, [ "tensor w"; "shape" ]
        "a broken size", file $"""{{"w":{entry "F32" "[2.5]" 0L 8L}}}""" 8, [ "tensor w"; "shape" ]
        "a size that is text", file $"""{{"w":{entry "F32" "[\"2\"]" 0L 8L}}}""" 8, [ "tensor w"; "shape" ]
        "sizes whose product overflows",
        file $"""{{"w":{entry "F32" "[4294967296,4294967296,2]" 0L 8L}}}""" 8,
        [ "tensor w"; "too large" ]
        "an overflow hidden behind a size of 0",
        file $"""{{"w":{entry "U8" "[0,9223372036854775807,9223372036854775807]" 0L 0L}}}""" 0,
        [ "tensor w"; "too large" ]
        "a size beyond 64 bits",
        file $"""{{"w":{entry "F32" "[18446744073709551618]" 0L 8L}}}""" 8,
        [ "tensor w"; "shape" ]
        "65 dimensions",
        file $"""{{"w":{entry "F32" ("[" + String.replicate 64 "1," + "2]") 0L 8L}}}""" 8,
        [ "tensor w"; "65 dimensions" ]
        "offsets that go back", file $"""{{"w":{entry "F32" "[2]" 8L 0L}}}""" 8, [ "tensor w"; "data_offsets" ]
        "one offset", file """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""" 8, [ "tensor w"; "data_offsets" ]
        "data past the end", file $"""{{"w":{f32}}}""" 7, [ "tensor w"; "truncated" ]
        "two tensors in one place", file $"""{{"v":{f32},"w":{f32}}}""" 8, [ "overlaps" ]
        "tensors that overlap", file $"""{{"v":{f32},"w":{entry "F32" "[2]" 4L 12L}}}""" 12, [ "tensor w"; "overlaps" ]
        "a hole before a tensor", file $"""{{"v":{f32},"w":{entry "F32" "[2]" 12L 20L}}}""" 20, [ "tensor w"; "hole" ]
        "bytes after the last tensor", file $"""{{"w":{f32}}}""" 9, [ "1 bytes follow" ]
        "a name that comes twice", file $"""{{"w":{f32},"w":{entry "F32" "[2]" 8L 16L}}}""" 16, [ "'w'" ]
        "an entry that is no object", file """{"w":[1]}""" 0, [ "tensor w" ]
        "metadata that is no text", file """{"__metadata__":{"epoch":3}}""" 0, [ "__metadata__" ]
        "metadata that is no map", file """{"__metadata__":"none"}""" 0, [ "__metadata__" ]
        "a header that is a list", file "[]" 0, [ "no JSON object" ]
        "a header that starts with a space", file " {}" 0, [ "no JSON object" ]
        "a header without an end", file """{"w":""" 0, [ "not valid" ]
        "a header that is nested without end", file ("{\"w\":" + String.replicate 1000 "[") 0, [ "not valid" ]
        "half a surrogate pair", file """{"\ud800":{}}""" 0, [ "not valid" ]
        "a name that is not UTF-8", raw [| byte '{'; byte '"'; 0xffuy; byte '"'; byte '}' |] [||], [ "UTF-8" ]
        "an empty header", file "" 0, [ "no JSON object" ]
        "a header longer than the file", Array.append (BitConverter.GetBytes 1000L) [| byte '{' |], [ "truncated" ]
        "a header over the limit", Array.append (BitConverter.GetBytes 100_000_001L) [| byte '{' |], [ "100000000" ]
        "a header of 2^64 - 1 bytes", Array.append (BitConverter.GetBytes -1L) [| byte '{' |], [ "100000000" ]
        "a truth value that is neither",
        raw (Encoding.UTF8.GetBytes $"""{{"w":{entry "BOOL" "[1]" 0L 1L}}}""") [| 2uy |],
        [ "tensor w"; "BOOL" ]
    ]

[<Tests>]
let tests =
    testList
        "damaged safetensors"
        [
            testCase "the file that is damaged below is read as it is" (fun () ->
                match readAll good.Value with
                | Ok names -> Expect.equal (set names) (set TensorEntry.TypeNames) "names"
                | Error message -> failtest message)

            testList
                "is refused, with file and tensor,"
                [
                    for name, bytes, parts in malformed ->
                        testCase name (fun () ->
                            match readAll bytes with
                            | Ok names -> failtest $"{names} were read"
                            | Error message ->
                                for part in parts do
                                    Expect.stringContains message part "what is wrong")
                ]

            testCase "a file cut short at any byte is refused" (fun () ->
                for length in 0 .. good.Value.Length - 1 do
                    match readAll good.Value[.. length - 1] with
                    | Error _ -> ()
                    | Ok _ -> failtest $"cut to {length} of {good.Value.Length} bytes, it was read")

            testProperty
                "a file with changed bytes is refused or read, nothing else"
                (fun (changes: (uint16 * byte) list) ->
                    let bytes = Array.copy good.Value

                    for place, value in changes do
                        bytes[int place % bytes.Length] <- value

                    readAll bytes |> ignore)

            testProperty
                "a header with a changed character is refused or read, nothing else"
                (fun (place: uint16) (value: char) ->
                    let length = int (BitConverter.ToInt64(good.Value, 0))
                    let header = Encoding.UTF8.GetString(good.Value, 8, length)
                    let place = int place % length

                    let changed =
                        Encoding.UTF8.GetBytes(header[.. place - 1] + string value + header[place + 1 ..])

                    readAll (raw changed good.Value[8 + length ..]) |> ignore)

            testCase "a path that is no file is refused" (fun () ->
                inTempFolder (fun folder ->
                    let missing = Path.Combine(folder, "none.safetensors")
                    Expect.stringContains (inputError (fun () -> Safetensors.Read missing)) missing "a missing file"
                    Expect.stringContains (inputError (fun () -> Safetensors.Read folder)) folder "a folder"))
        ]
