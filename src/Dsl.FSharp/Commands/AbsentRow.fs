namespace LongTail.Commands

open System.Text.Json
open LongTail

/// A run that a table does not have, as tables outside want it.
type AbsentRow =
    {
        Gap: Gap
        /// What finished runs beside it are told apart by, and more.
        Names: (string * JsonElement option) list
    }

module AbsentRow =
    let private ofPlan store plan =
        [
            for gap in Gaps.ofPlan store plan (Plan.results plan) do
                {
                    Gap = gap
                    Names = ExportRow.named gap.Labels
                }
        ]

    let private ofStore subject =
        let names = Called.names subject.Store subject.Entries

        [
            for entry in subject.Entries do
                match entry.State with
                | Some(Done _) -> ()
                | state ->
                    let leaves =
                        StoredRun.readable Store.settings subject.Store entry.Hash
                        |> Result.map Leaves.ofJson
                        |> Result.defaultValue []

                    {
                        Gap =
                            {
                                Hash = Some entry.Hash
                                Called = names[entry.Hash]
                                Labels = []
                                Seed =
                                    leaves
                                    |> List.tryFind (fst >> (=) ExportRow.seed)
                                    |> Option.map (fun (_, value) -> value.GetInt64())
                                State = StoredRun.word state
                                Why = state |> Option.bind StoredRun.reason
                            }
                        Names = [ for path, value in leaves -> path, Some value ]
                    }
        ]

    /// The runs of a script or a store that have no result.
    let ofSubject subject =
        match subject.Plan with
        | Some plan -> ofPlan subject.Store plan
        | None -> ofStore subject
