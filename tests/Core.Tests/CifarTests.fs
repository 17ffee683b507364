module LongTail.Tests.CifarTests

open System
open System.IO
open System.Text
open Expecto
open LongTail.Core.Data
open LongTail.Tests.TempFolder
open LongTail.Tests.DataFiles

let private batches =
    [ for i in 1..5 -> $"data_batch_{i}.bin", cifar10 [ byte i; 9uy ] ]

let private text (lines: string list) =
    Encoding.UTF8.GetBytes(String.Join("\n", lines) + "\n\n")

[<Tests>]
let tests =
    testList
        "CIFAR"
        [
            testCase "CIFAR-100's class is the fine label" (fun () ->
                inFolderOf [ "train.bin", cifar100 [ 99uy; 3uy ]; "test.bin", cifar100 [ 7uy ] ] (fun folder ->
                    let data = Cifar.Read100(folder, true)
                    Expect.equal data.Labels [| 99uy; 3uy |] "labels"
                    Expect.equal data.Pixels (Array.concat [ (row [] 0); (row [] 1) ]) "pixels"
                    Expect.equal (data.Channels, data.Height, data.Width) (3, 32, 32) "sizes"
                    Expect.equal data.ClassNames.Count 100 "classes without a file of names"
                    Expect.equal (Cifar.Read100(folder, false)).Labels [| 7uy |] "test labels"))

            testCase "CIFAR-10's five files follow each other" (fun () ->
                inFolderOf (("test_batch.bin", cifar10 [ 0uy ]) :: batches) (fun folder ->
                    let data = Cifar.Read10(folder, true)
                    Expect.equal data.Labels [| 1uy; 9uy; 2uy; 9uy; 3uy; 9uy; 4uy; 9uy; 5uy; 9uy |] "labels"

                    Expect.equal
                        data.Pixels
                        (Array.concat (List.replicate 5 (Array.append (row [] 0) (row [] 1))))
                        "pixels"

                    Expect.equal (Cifar.Read10(folder, false)).Labels [| 0uy |] "test labels"))

            testCase "class names come from the archive's own file" (fun () ->
                let names = [ for i in 0..99 -> $"name {i}" ]

                inFolderOf [ "train.bin", cifar100 [ 0uy ]; "fine_label_names.txt", text names ] (fun folder ->
                    Expect.equal (List.ofSeq (Cifar.Read100(folder, true)).ClassNames) names "names")

                inFolderOf [ "train.bin", cifar100 [ 0uy ]; "fine_label_names.txt", text names[1..] ] (fun folder ->
                    let message = inputError (fun () -> Cifar.Read100(folder, true))
                    Expect.stringContains message "99 names for 100 classes" "a name is missing"))

            testCase "the folder's parent will do" (fun () ->
                inFolderOf [ "cifar-100-binary/train.bin", cifar100 [ 5uy ] ] (fun folder ->
                    Expect.equal (Cifar.Read100(folder, true)).Count 1 "images"))

            testList
                "a file of another size is refused:"
                [
                    for name, bytes in
                        [
                            "a byte short", (cifar100 [ 1uy; 2uy ])[1..]
                            "a byte long", Array.append (cifar100 [ 1uy ]) [| 0uy |]
                            "CIFAR-10's rows", cifar10 [ 1uy; 2uy ]
                            "empty", [||]
                        ] ->
                        testCase name (fun () ->
                            inFolderOf [ "train.bin", bytes ] (fun folder ->
                                let message = inputError (fun () -> Cifar.Read100(folder, true))
                                Expect.stringContains message (Path.Combine(folder, "train.bin")) "where"
                                Expect.stringContains message $"{bytes.Length} bytes" "what"))
                ]

            testCase "a label out of range is refused" (fun () ->
                inFolderOf [ "train.bin", cifar100 [ 1uy; 100uy ] ] (fun folder ->
                    Expect.stringContains
                        (inputError (fun () -> Cifar.Read100(folder, true)))
                        "label 100 of row 1"
                        "CIFAR-100")

                inFolderOf [ "test_batch.bin", cifar10 [ 10uy ] ] (fun folder ->
                    Expect.stringContains
                        (inputError (fun () -> Cifar.Read10(folder, false)))
                        "label 10 of row 0"
                        "CIFAR-10"))

            testCase "a missing file, or folder, says what to do" (fun () ->
                inFolderOf (List.removeAt 2 batches) (fun folder ->
                    let message = inputError (fun () -> Cifar.Read10(folder, true))
                    Expect.stringContains message "data_batch_3.bin" "one of five")

                for read in
                    [
                        fun () -> Cifar.Read100(null, true)
                        fun () -> Cifar.Read100("/no/such/folder", true)
                        fun () -> Cifar.Read100(Path.GetTempPath(), true)
                    ] do
                    let message = inputError read
                    Expect.stringContains message "`longtail data get cifar100` fetches it" "remedy")
        ]
