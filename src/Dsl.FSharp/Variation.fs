namespace LongTail

/// Alternatives to an experiment as it stands, each a change of one axis or of several together. `product`, `zip` and
/// `union` make larger ones of smaller ones; `over` applies one to a sweep.
type Variation =
    {
        Alternatives: (Experiment -> Experiment) list
        /// The axes that they change, in the order of the table's columns.
        Namings: Naming list
        /// What makes no sense in how it was put together.
        Faults: Problem list
    }

module Variation =
    let private together alternatives a b faults =
        {
            Alternatives = alternatives
            // An axis that both change belongs where the later one puts it.
            Namings =
                (a.Namings
                 |> List.filter (fun naming -> b.Namings |> List.forall (fun other -> other.Axis <> naming.Axis)))
                @ b.Namings
            Faults = a.Faults @ b.Faults @ faults
        }

    /// The experiment as it stands: the product's neutral element.
    let unchanged =
        {
            Alternatives = [ id ]
            Namings = []
            Faults = []
        }

    /// No experiment: the union's neutral element.
    let nothing = { unchanged with Alternatives = [] }

    let internal named variation =
        variation.Namings |> List.map _.Word |> String.concat " and "

    /// A value that another one of the same axis replaces would be in no run.
    let internal replaced before after =
        [
            for naming in after do
                if before |> List.exists (fun (other: Naming) -> other.Axis = naming.Axis) then
                    Problem.ofSweep
                        naming.Word
                        ""
                        "is varied twice"
                        "vary it once, with all its values; `overriding` gives it one other value"
        ]

    let internal product a b =
        let both = List.allPairs a.Alternatives b.Alternatives
        together (both |> List.map (fun (first, second) -> first >> second)) a b (replaced a.Namings b.Namings)

    let internal union a b =
        together (a.Alternatives @ b.Alternatives) a b []

    let internal zip a b =
        let x, y = a.Alternatives.Length, b.Alternatives.Length

        if x = y then
            together (List.map2 (>>) a.Alternatives b.Alternatives) a b (replaced a.Namings b.Namings)
        else
            together
                []
                a
                b
                [
                    Problem.ofSweep
                        "zip"
                        ""
                        $"{x} values of {named a} beside {y} of {named b}"
                        "give as many of the one as of the other"
                ]

[<AutoOpen>]
module Variations =
    /// Values on an axis: `values learningRate [ 0.01; 0.02 ]`.
    let values (axis: Axis<'value>) (values: 'value list) =
        {
            Alternatives = values |> List.map axis.Set
            Namings = [ axis.Naming ]
            Faults =
                [
                    if values.IsEmpty then
                        Problem.ofSweep axis.Naming.Word "" "has no value" "give it one at least"
                ]
        }

    /// Every alternative of the one with every one of the other.
    let product a b = Variation.product a b

    /// The first of the one with the first of the other, the second with the second: as many of each.
    let zip a b = Variation.zip a b

    /// The alternatives of the one, then those of the other.
    let union a b = Variation.union a b
