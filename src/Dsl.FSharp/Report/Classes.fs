namespace LongTail.Reports

open LongTail
open LongTail.Core.Evaluation

/// A class, and how settings do on it.
type ClassRow =
    {
        /// The number that its data set gives it.
        Label: int
        Name: string
        Group: Group
        /// To learn from.
        Images: int
        /// Of each setting the mean over its seeds, in [0, 1]; None where the class has no test image.
        Accuracies: float option list
    }

/// The classes of settings that learn from the same number of each and tell the same groups apart.
type Classes =
    {
        Settings: string list
        /// Of all classes, also of those without a row.
        Count: int
        /// By falling number of training images.
        Rows: ClassRow list
    }

module Classes =
    /// Nobody reads more rows; of more classes there are as many of the largest as of the smallest.
    let private mostRows = 100

    let private ofAlike (contenders: Contender list) =
        let first = (Contender.results contenders.Head).Head
        let groups = contenders.Head.Groups.Of first.ClassCounts

        let accuracy j contender =
            match
                Contender.results contender
                |> List.choose (fun result -> Option.ofNullable result.ClassAccuracy[j])
            with
            | [] -> None
            | found -> Some(Mean.over found)

        let count = groups.Length

        {
            Settings = contenders |> List.map _.Name
            Count = count
            Rows =
                [
                    for j in 0 .. count - 1 do
                        if count <= mostRows || j < mostRows / 2 || j >= count - mostRows / 2 then
                            {
                                Label = first.ClassLabels[j]
                                Name = first.ClassNames[j]
                                Group = groups[j]
                                Images = first.ClassCounts[j]
                                Accuracies = contenders |> List.map (accuracy j)
                            }
                ]
        }

    let ofContenders (contenders: Contender list) =
        contenders
        |> List.groupBy (fun contender ->
            let first = (Contender.results contender).Head
            List.ofSeq first.ClassLabels, List.ofSeq first.ClassNames, List.ofSeq first.ClassCounts, contender.Groups)
        |> List.map (snd >> ofAlike)
