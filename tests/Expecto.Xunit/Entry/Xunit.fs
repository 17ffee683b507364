/// Compiled into each test project: the one method that xunit finds, and the order it keeps.
namespace LongTail.Tests

open Expecto.Xunit

// Tensors and timings: one test after another.
[<assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)>]
do ()

[<Xunit.TestCaseOrderer("Expecto.Xunit.ReadingOrder", "Expecto.Xunit")>]
type Leaves() =
    [<Leaves>]
    member _.All() = ()
