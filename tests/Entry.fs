/// The entry of each test project: `dotnet Core.Tests.dll [NAME ...]` runs those tests whose full name contains a NAME, or all.
module LongTail.Tests.Entry

open System
open System.Reflection
open Expecto
open Expecto.Impl
open LongTail.Core.Interop

/// Behind this line stand the reasons of what was skipped and of what failed, and the count.
let private closing = "----"

let private named (names: string list) (path: string list) =
    let fullName = JoinWith.Dot.format path
    names.IsEmpty || names |> List.exists fullName.Contains

/// Names of cases may hold values of several lines.
let private onOneLine (name: string) =
    String.Join(" ", name.Split([| ' '; '\n' |], StringSplitOptions.RemoveEmptyEntries))

/// One line a test as it ends.
let private printer =
    let say ending name (took: TimeSpan) =
        async { printfn $"  %s{ending} %s{onOneLine name} [%.0f{took.TotalMilliseconds} ms]" }

    { TestPrinters.silent with
        info = fun what -> async { eprintfn $"{what}" }
        passed = say "Passed"
        ignored = fun name _ -> say "Skipped" name TimeSpan.Zero
        failed = fun name _ took -> say "Failed" name took
        exn = fun name _ took -> say "Failed" name took
    }

let private close (summary: TestRunSummary) =
    printfn $"{closing}"

    let name (test: FlatTest) =
        JoinWith.Dot.format test.name |> onOneLine

    for test, result in summary.ignored do
        match result.result with
        | TestResult.Ignored reason -> printfn $"\nskipped: {name test}\n  {reason}"
        | _ -> ()

    for test, result in summary.failed @ summary.errored do
        match result.result with
        | TestResult.Failed message -> printfn $"\nFAILED: {name test}{message}"
        | TestResult.Error e -> printfn $"\nFAILED: {name test}\n{e}"
        | _ -> ()

    let lost = summary.failed.Length + summary.errored.Length
    printfn $"\n{summary.passed.Length} passed, {lost} failed, {summary.ignored.Length} skipped"

[<EntryPoint>]
let main names =
    Engine.Load()

    let tests =
        testFromAssembly (Assembly.GetExecutingAssembly())
        |> Option.defaultValue (testList "" [])
        |> Test.filter "." (named (List.ofArray names))

    // Tensors and timings: one test after another.
    runTestsWithCLIArgs
        [
            CLIArguments.Sequenced
            CLIArguments.No_Spinner
            CLIArguments.Colours 0
            CLIArguments.Verbosity Logging.LogLevel.Error
            CLIArguments.Printer printer
            CLIArguments.Append_Summary_Handler(SummaryHandler close)
        ]
        [||]
        tests
