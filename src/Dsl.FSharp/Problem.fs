namespace LongTail

open System
open System.Globalization

/// What is wrong with an experiment, where, and what to do about it.
type Problem =
    {
        Experiment: string
        Field: string
        Value: string
        Fault: string
        Remedy: string
    }

    /// One line.
    override p.ToString() =
        let value = if p.Value = "" then "" else $" {p.Value}"

        let who =
            if String.IsNullOrWhiteSpace p.Experiment then
                "experiment"
            else
                p.Experiment

        $"{who}: {p.Field}{value}: {p.Fault}; {p.Remedy}"

module Problem =
    let private text (value: obj) =
        match value with
        | :? float as number -> Digits.text number
        | :? IFormattable as value -> value.ToString(null, CultureInfo.InvariantCulture)
        | value -> string value

    /// What is wrong with an option of the command line.
    let ofOption option value fault remedy =
        {
            Experiment = "command line"
            Field = option
            Value = value
            Fault = fault
            Remedy = remedy
        }

    /// What is wrong, or odd, in how a sweep was put together.
    let ofSweep field value fault remedy =
        {
            Experiment = "sweep"
            Field = field
            Value = value
            Fault = fault
            Remedy = remedy
        }

    /// What is wrong with an experiment's field, given the value that it has.
    let about field (value: obj) fault remedy (experiment: Experiment) =
        {
            Experiment = experiment.Name
            Field = field
            Value = text value
            Fault = fault
            Remedy = remedy
        }
