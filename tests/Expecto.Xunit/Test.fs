namespace Expecto

open System

/// A test ended in an outcome that is not "passed".
[<AbstractClass>]
type ExpectoException(message: string) =
    inherit Exception(message)

/// An expectation did not hold.
type AssertException(message: string) =
    inherit ExpectoException(message)

/// The test was told to fail.
type FailedException(message: string) =
    inherit ExpectoException(message)

/// The test was told to be skipped; the message is the reason.
type IgnoreException(message: string) =
    inherit ExpectoException(message)

/// Marks a value of type Test that is to be run.
[<AttributeUsage(AttributeTargets.Method ||| AttributeTargets.Property ||| AttributeTargets.Field)>]
type TestsAttribute() =
    inherit Attribute()

/// How a property is checked.
type FsCheckConfig =
    {
        /// Generated cases that must pass.
        maxTest: int
        /// Size of the first generated case.
        startSize: int
        /// Size of the last generated case.
        endSize: int
        /// (seed, gamma, size): generates the same cases again; with a size, only the case of that size.
        replay: (uint64 * uint64 * int option) option
        /// Types whose static members give generators.
        arbitrary: Type list
    }

    static member defaultConfig =
        {
            maxTest = 200
            startSize = 1
            endSize = 100
            replay = None
            arbitrary = []
        }

type TestCode =
    | Sync of stest: (unit -> unit)
    | Async of atest: Async<unit>
    | AsyncFsCheck of
        testConfig: FsCheckConfig option *
        stressConfig: FsCheckConfig option *
        test: (FsCheckConfig -> Async<unit>)

type FocusState =
    | Normal
    | Pending
    | Focused

type SequenceMethod =
    | Synchronous
    | SynchronousGroup of string
    | InParallel

[<ReferenceEquality>]
type Test =
    | TestCase of code: TestCode * state: FocusState
    | TestList of tests: Test list * state: FocusState
    | TestLabel of label: string * test: Test * state: FocusState
    | Sequenced of SequenceMethod * Test


/// One leaf of the tree with the labels that lead to it.
type FlatTest =
    {
        name: string list
        test: TestCode
        state: FocusState
    }

    /// The labels joined as Expecto joins them: "optimizers.sgd.restores bit for bit".
    member this.fullName = String.Join('.', this.name)

[<RequireQualifiedAccess>]
module Test =
    /// The leaves in reading order. A pending list makes all its leaves pending, a focused list focuses them.
    let toTestCodeList (test: Test) : FlatTest list =
        let inherited outer own =
            match outer, own with
            | Pending, _
            | _, Pending -> Pending
            | Focused, _ -> Focused
            | Normal, state -> state

        let rec leaves labels outer =
            function
            | TestCase(code, state) ->
                [
                    {
                        name = List.rev labels
                        test = code
                        state = inherited outer state
                    }
                ]
            | TestList(tests, state) -> tests |> List.collect (leaves labels (inherited outer state))
            | TestLabel(label, test, state) -> leaves (label :: labels) (inherited outer state) test
            | Sequenced(_, test) -> leaves labels outer test

        leaves [] Normal test
