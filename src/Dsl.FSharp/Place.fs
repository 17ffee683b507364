namespace LongTail

open System.Text.RegularExpressions
open LongTail.Core.Settings

/// Where runs happen; it changes no number, so it enters no name.
type Place =
    {
        /// "cpu", "cuda" or "cuda:N".
        Device: string
        /// None looks where the system's package puts the data.
        DataFolder: string option
        /// Cores of a run; None takes all that there are.
        Threads: int option
    }

module Place =
    let here =
        {
            Device = "cpu"
            DataFolder = None
            Threads = None
        }

    let errors place =
        let problem field value fault remedy =
            {
                Experiment = "command line"
                Field = field
                Value = value
                Fault = fault
                Remedy = remedy
            }

        [
            if not (Regex.IsMatch(place.Device, @"^(cpu|cuda(:\d+)?)$")) then
                problem "--device" place.Device "is no device" "give cpu, cuda or cuda:N"
            match place.Threads with
            | Some count when count < 1 -> problem "--threads" $"{count}" "computes nothing" "give 1 or more"
            | _ -> ()
        ]

    let forRun checkpoint place =
        RunPlace(place.Device, Option.toObj place.DataFolder, checkpoint)
