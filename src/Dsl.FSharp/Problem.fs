namespace LongTail

open System
open System.Globalization
open LongTail.Core

/// What is wrong with an experiment, where, and what to do about it.
type Problem =
    {
        /// The experiment's name, or the command line; empty where it is said of a sweep.
        Where: string
        Field: string
        Value: string
        Fault: string
        /// Empty where the fault says it.
        Remedy: string
    }

    /// One line.
    override p.ToString() =
        let value = if p.Value = "" then "" else $" {p.Value}"
        let where = if p.Where = "" then "" else $"{p.Where}: "
        let remedy = if p.Remedy = "" then "" else $"; {p.Remedy}"
        $"{where}{p.Field}{value}: {p.Fault}{remedy}"

module Problem =
    let private text (value: obj) =
        match value with
        | :? float as number -> Digits.Text number
        | :? IFormattable as value -> value.ToString(null, CultureInfo.InvariantCulture)
        | value -> string value

    /// What is wrong with an option of the command line.
    let ofOption option value fault remedy =
        {
            Where = "command line"
            Field = option
            Value = value
            Fault = fault
            Remedy = remedy
        }

    /// What is wrong, or odd, in how a sweep was put together; the field is a word of the script.
    let ofSweep field value fault remedy =
        {
            Where = ""
            Field = field
            Value = value
            Fault = fault
            Remedy = remedy
        }

    /// What is wrong with an experiment's field, given the value that it has.
    let about field (value: obj) fault remedy (experiment: Experiment) =
        {
            Where =
                if String.IsNullOrWhiteSpace experiment.Name then
                    "experiment"
                else
                    experiment.Name
            Field = field
            Value = text value
            Fault = fault
            Remedy = remedy
        }
