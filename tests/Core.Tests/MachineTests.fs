/// What the system tells of this process.
module LongTail.Tests.MachineTests

open Expecto
open LongTail.Core

[<Tests>]
let tests =
    testTheory
        "the peak of the resident memory is read at any length"
        [
            [ "Name:\tdotnet"; "VmHWM:\t   57856 kB"; "VmRSS:\t       8 kB" ], Some 56.5
            // Linux aligns the number, and leaves no space before eight digits.
            [ "VmHWM:\t10240000 kB" ], Some 10000.
            [ "VmHWM:\t134217728 kB" ], Some 131072.
            [ "VmRSS:\t       8 kB" ], None
        ]
        (fun (status, expected) -> Expect.equal (Machine.PeakResidentMiB status |> Option.ofNullable) expected "in MiB")
