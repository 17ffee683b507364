namespace LongTail

/// How long a run trains and how its learning rate falls (method.md 5).
type Schedule =
    {
        Epochs: int<epoch>
        /// Epochs of linear rise before the cosine.
        Warmup: int<epoch>
        /// The published one-epoch lag: epochs 0 and 1 both at the full rate.
        Lagged: bool
        Said: Said
    }

[<AutoOpen>]
module Schedules =
    /// The learning rate falls along a cosine to zero over so many epochs.
    let cosine epochs =
        {
            Epochs = epochs
            Warmup = 0<epoch>
            Lagged = false
            Said = Said.nothing
        }

    /// The rate first rises in a line over so many epochs.
    let warmUp epochs schedule =
        { schedule with
            Warmup = epochs
            Said = schedule.Said |> Said.once "warmUp"
        }

    /// As published: an epoch takes the rate of the one before it, the first its own.
    let lagged schedule =
        { schedule with
            Lagged = true
            Said = schedule.Said |> Said.once "lagged"
        }
