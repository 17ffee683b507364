/// What every `bench` beside the peer found, a JSON line each, so that runs of other days can be compared.
module LongTail.Benchmarks.History

open System
open System.IO
open System.Text.Json
open TorchSharp

let private file = Path.Combine(__SOURCE_DIRECTORY__, "history.jsonl")

/// One line: when, on what, which size, and the measured values by name, each with all its alternations.
let add (size: Step.Size) (load: float) (measured: (string * float list) list) =
    let line =
        JsonSerializer.Serialize
            {|
                time = DateTime.UtcNow.ToString "s"
                side = size.Side
                batch = size.Batch
                threads = torch.get_num_threads ()
                libtorch = torch.__version__
                loadBefore = load
                measured = dict measured
            |}

    File.AppendAllLines(file, [ line ])
    printfn $"kept in {file}"
