namespace LongTail

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
        $"{p.Experiment}: {p.Field}{value}: {p.Fault}; {p.Remedy}"

module Problem =
    let private text (value: obj) =
        match value with
        | :? System.IFormattable as value -> value.ToString(null, CultureInfo.InvariantCulture)
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

    /// What is wrong with an experiment's field, given the value that it has.
    let about field (value: obj) fault remedy (experiment: Experiment) =
        {
            Experiment = experiment.Name
            Field = field
            Value = text value
            Fault = fault
            Remedy = remedy
        }
