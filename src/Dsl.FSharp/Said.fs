namespace LongTail

/// The words that a part of an experiment was made with. Parts of equal values are equal however they were said, unless
/// their words contradict each other.
[<CustomEquality; NoComparison>]
type Said =
    private
        {
            /// By the place that it fills, the last word said.
            Words: Map<string, string>
            /// Word, what is wrong with it and what to do.
            Contradictions: (string * string * string) list
        }

    override said.Equals other =
        match other with
        | :? Said as other -> said.Contradictions = other.Contradictions
        | _ -> false

    override said.GetHashCode() = hash said.Contradictions

module Said =
    let nothing =
        {
            Words = Map.empty
            Contradictions = []
        }

    /// What contradicts another word, why and what to do.
    let contradictions said = List.rev said.Contradictions

    let has word said =
        said.Words |> Map.exists (fun _ other -> other = word)

    /// Marks a word as one that makes no sense there.
    let contradicting word fault remedy said =
        { said with
            Contradictions = (word, fault, remedy) :: said.Contradictions
        }

    /// Says a word for a place that several words can fill; a second one for the same place is a contradiction.
    let oneOf place word said =
        let said =
            match Map.tryFind place said.Words with
            | None -> said
            | Some other when other = word -> said |> contradicting word "is said twice" "say it once"
            | Some other ->
                said
                |> contradicting word $"replaces {other}, which is said before it" "say one of the two"

        { said with
            Words = said.Words.Add(place, word)
        }

    /// Says a word that alone fills its place.
    let once word said = oneOf word word said

    /// Makes room for another word of a place.
    let forget place said =
        { said with
            Words = said.Words.Remove place
        }

    /// Adds what another part's words contradict.
    let alsoOf other said =
        { said with
            Contradictions = other.Contradictions @ said.Contradictions
        }
