namespace Expecto

open System

/// Two floats are close when |a - b| <= absolute + relative * max(|a|, |b|).
type Accuracy = { absolute: float; relative: float }

[<RequireQualifiedAccess>]
module Accuracy =
    let low = { absolute = 1e-6; relative = 1e-3 }
    let medium = { absolute = 1e-8; relative = 1e-5 }
    let high = { absolute = 1e-10; relative = 1e-7 }
    let veryHigh = { absolute = 1e-12; relative = 1e-9 }

    let internal close accuracy (a: float) (b: float) =
        // An infinite bound would let infinity be close to every number.
        a = b
        || Double.IsFinite(a - b)
           && abs (a - b) <= accuracy.absolute + accuracy.relative * max (abs a) (abs b)
