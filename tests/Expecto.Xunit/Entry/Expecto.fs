/// Compiled into each test project under -p:Tests=Expecto: Expecto's own runner.
module LongTail.Tests.Program

open Expecto

// Tensors and timings: one test after another.
[<EntryPoint>]
let main arguments =
    runTestsInAssemblyWithCLIArgs [ CLIArguments.Sequenced ] arguments
