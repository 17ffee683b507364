// The parameterless constructor of a test case is for xunit's deserialisation alone, and marked so.
#nowarn "44"

namespace Expecto.Xunit

open System
open System.Diagnostics
open Expecto
open global.Xunit
open global.Xunit.Abstractions
open global.Xunit.Sdk

/// Runs one leaf and tells xunit how it ended. xunit v2 knows no skip at run time, so the messages are sent by hand.
type LeafRunner(case: IXunitTestCase, leaf: FlatTest option, bus, aggregator, cancellation) =
    inherit TestCaseRunner<IXunitTestCase>(case, bus, aggregator, cancellation)

    let send (message: IMessageSinkMessage) =
        if not (bus.QueueMessage message) then
            cancellation.Cancel()

    override _.RunTestAsync() =
        task {
            let test = XunitTest(case, case.DisplayName)
            let clock = Stopwatch.StartNew()
            send (TestStarting test)

            let! outcome =
                match leaf with
                | Some leaf -> Leaves.run leaf |> Async.Catch |> Async.StartImmediateAsTask
                | None -> task { return Choice2Of2(exn "This test is no longer in the assembly.") }

            let seconds = decimal clock.Elapsed.TotalSeconds
            let summary = RunSummary(Total = 1, Time = seconds)

            match outcome with
            | Choice1Of2() -> send (TestPassed(test, seconds, ""))
            | Choice2Of2(:? IgnoreException as skipped) ->
                summary.Skipped <- 1
                send (TestSkipped(test, skipped.Message))
            | Choice2Of2 error ->
                summary.Failed <- 1
                send (TestFailed(test, seconds, "", error))

            send (TestFinished(test, seconds, ""))
            return summary
        }

/// One leaf as xunit's own test case, shown under the leaf's full name.
type LeafCase =
    inherit XunitTestCase
    val mutable private fullName: string

    new() =
        {
            inherit XunitTestCase()
            fullName = ""
        }

    new(sink, testMethod, fullName) =
        {
            inherit XunitTestCase(sink, TestMethodDisplay.Method, TestMethodDisplayOptions.None, testMethod)
            fullName = fullName
        }

    member this.Assembly = this.TestMethod.TestClass.Class.ToRuntimeType().Assembly
    member this.FullName = this.fullName

    override this.Initialize() =
        base.Initialize()
        this.DisplayName <- this.fullName

    override this.GetUniqueID() = $"{base.GetUniqueID()} {this.fullName}"

    override this.Serialize data =
        base.Serialize data
        data.AddValue("fullName", this.fullName)

    override this.Deserialize data =
        this.fullName <- data.GetValue<string> "fullName"
        base.Deserialize data

    override this.RunAsync(_, bus, _, aggregator, cancellation) =
        let leaf =
            Leaves.ofAssembly this.Assembly
            |> List.tryFind (fun leaf -> leaf.fullName = this.fullName)

        (new LeafRunner(this, leaf, bus, aggregator, cancellation)).RunAsync()

/// Gives xunit one test case a leaf.
type LeafDiscoverer(sink: IMessageSink) =
    interface IXunitTestCaseDiscoverer with
        member _.Discover(_, testMethod, _) =
            Leaves.ofAssembly (testMethod.TestClass.Class.ToRuntimeType().Assembly)
            |> Seq.map (fun leaf -> new LeafCase(sink, testMethod, leaf.fullName))
            |> Seq.cast<IXunitTestCase>

/// Marks the method that stands for all leaves of its assembly.
[<XunitTestCaseDiscoverer("Expecto.Xunit.LeafDiscoverer", "Expecto.Xunit")>]
[<AttributeUsage(AttributeTargets.Method)>]
type LeavesAttribute() =
    inherit FactAttribute()

/// Runs the leaves in reading order; xunit's own order is one of hashes.
type ReadingOrder() =
    interface ITestCaseOrderer with
        member _.OrderTestCases(cases: 'case seq) =
            let rank =
                lazy
                    (match Seq.tryHead cases |> Option.map box with
                     | Some(:? LeafCase as first) ->
                         Leaves.ofAssembly first.Assembly
                         |> List.mapi (fun index leaf -> leaf.fullName, index)
                         |> dict
                     | _ -> dict [])

            cases
            |> Seq.sortBy (fun case ->
                match rank.Value.TryGetValue case.DisplayName with
                | true, index -> index
                | _ -> Int32.MaxValue)
