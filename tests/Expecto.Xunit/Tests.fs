namespace Expecto

open System.Threading.Tasks

/// What `test "name" { ... }` builds.
type TestCaseBuilder(name: string, state: FocusState) =
    member _.Delay(body: unit -> unit) = body
    member _.Zero() = ()
    member _.Combine(first: unit, rest: unit -> unit) = rest ()
    member _.Bind(value: 'a, rest: 'a -> 'b) = rest value
    member _.Using(resource: 'a, rest: 'a -> unit) = using resource rest
    member _.For(items: 'a seq, body: 'a -> unit) = Seq.iter body items

    member _.While(more: unit -> bool, body: unit -> unit) =
        while more () do
            body ()

    member _.TryWith(body: unit -> unit, handler: exn -> unit) =
        try
            body ()
        with error ->
            handler error

    member _.TryFinally(body: unit -> unit, finish: unit -> unit) =
        try
            body ()
        finally
            finish ()

    member _.Run(body: unit -> unit) =
        TestLabel(name, TestCase(Sync body, state), Normal)

/// The words that tests are written in.
[<AutoOpen>]
module Tests =
    let inline testList name tests =
        TestLabel(name, TestList(tests, Normal), Normal)

    let inline ftestList name tests =
        TestLabel(name, TestList(tests, Focused), Focused)

    let inline ptestList name tests =
        TestLabel(name, TestList(tests, Pending), Pending)

    let inline testLabel name test = TestLabel(name, test, Normal)

    let inline testCase name test =
        TestLabel(name, TestCase(Sync test, Normal), Normal)

    let inline ftestCase name test =
        TestLabel(name, TestCase(Sync test, Focused), Focused)

    let inline ptestCase name test =
        TestLabel(name, TestCase(Sync test, Pending), Pending)

    let inline testCaseAsync name test =
        TestLabel(name, TestCase(Async test, Normal), Normal)

    let inline ftestCaseAsync name test =
        TestLabel(name, TestCase(Async test, Focused), Focused)

    let inline ptestCaseAsync name test =
        TestLabel(name, TestCase(Async test, Pending), Pending)

    let inline testCaseTask name (test: unit -> Task<unit>) =
        testCaseAsync name (async.Delay(fun () -> Async.AwaitTask(test ())))

    let inline test name = TestCaseBuilder(name, Normal)
    let inline ftest name = TestCaseBuilder(name, Focused)
    let inline ptest name = TestCaseBuilder(name, Pending)

    let inline testSequenced test = Sequenced(Synchronous, test)
    let inline testSequencedGroup name test = Sequenced(SynchronousGroup name, test)

    /// One test a case, named by the case.
    let testTheory name (cases: 'a seq when 'a: equality) (test: 'a -> 'b) =
        testList name [ for case in cases -> testCase $"%A{case}" (fun () -> test case |> ignore) ]

    /// Named tests that all take what `setup` gives.
    let testFixture (setup: 'a -> unit -> unit) (tests: (string * 'a) seq) =
        tests |> Seq.map (fun (name, partial) -> testCase name (setup partial))

    /// Named tests that all take the same value.
    let testParam (param: 'a) (tests: (string * ('a -> unit -> unit)) seq) =
        tests |> Seq.map (fun (name, body) -> testCase name (body param))

    let failtest message : 'a = raise (FailedException message)
    let failtestf format = Printf.ksprintf failtest format
    let skiptest message : 'a = raise (IgnoreException message)
    let skiptestf format = Printf.ksprintf skiptest format
