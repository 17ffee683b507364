namespace LongTail

open System
open System.Collections
open System.Collections.Concurrent
open System.IO
open System.Reflection
open System.Security.Cryptography
open System.Text
open System.Text.Json
open LongTail.Core.Evaluation
open LongTail.Core.Settings

/// Names a run by everything that determines its numbers, and by nothing else.
module Identity =
    /// Raised whenever a change of Core changes a number that a run gives, or what a result must tell.
    let numerics = 7

    /// The only members that do not enter: a new one enters by itself, so that it can cause a run too many but
    /// never a result that belongs to other settings.
    let private operational =
        set
            [
                $"{nameof PretrainedBackbone}.File"
                for place in [ nameof ListedImages; nameof ClassFolders ] do
                    $"{place}.Train"
                    $"{place}.Test"
            ]

    let private members = ConcurrentDictionary<Type, PropertyInfo array>()

    let private membersOf (kind: Type) =
        kind.GetProperties(BindingFlags.Public ||| BindingFlags.Instance)
        |> Array.filter (fun property -> not (operational.Contains $"{kind.Name}.{property.Name}"))
        |> Array.sortBy _.Name

    let rec private write (json: Utf8JsonWriter) (value: objnull) =
        match value with
        | null -> json.WriteNullValue()
        | :? string as text -> json.WriteStringValue text
        | :? bool as truth -> json.WriteBooleanValue truth
        | :? float as number -> json.WriteNumberValue number
        | :? Enum as case -> json.WriteStringValue(string case)
        | :? IConvertible as whole -> json.WriteRawValue(whole.ToString Globalization.CultureInfo.InvariantCulture)
        | :? IEnumerable as list ->
            json.WriteStartArray()

            for item in list do
                write json item

            json.WriteEndArray()
        | settings ->
            let kind = settings.GetType()
            json.WriteStartObject()
            // Of a union the case is a member like others.
            if kind.BaseType <> typeof<obj> && kind.BaseType <> typeof<ValueType> then
                json.WriteString("case", kind.Name)

            for property in members.GetOrAdd(kind, membersOf) do
                json.WritePropertyName property.Name
                write json (property.GetValue settings)

            json.WriteEndObject()

    let rec private read (path: string -> objnull) (kind: Type) (json: JsonElement) : objnull =
        let kind =
            Nullable.GetUnderlyingType kind |> Option.ofObj |> Option.defaultValue kind

        match json.ValueKind with
        | JsonValueKind.Null -> null
        | JsonValueKind.Object -> readMembers path kind json
        | JsonValueKind.Array when kind.IsGenericType ->
            let item = kind.GetGenericArguments()[0]
            let items = [| for one in json.EnumerateArray() -> read path item one |]
            let list = Array.CreateInstance(item, items.Length)
            items.CopyTo(list, 0)
            list
        | JsonValueKind.String when kind.IsEnum -> Enum.Parse(kind, string json)
        | _ when kind.IsPrimitive || kind = typeof<string> -> json.Deserialize kind
        | other -> raise (JsonException $"{other} is no {kind.Name}")

    and private readMembers (path: string -> objnull) kind json =
        let kind =
            match json.TryGetProperty "case" with
            | true, case -> nonNull (kind.Assembly.GetType($"{kind.Namespace}.{case}", true))
            | _ -> kind

        let made = kind.GetConstructors() |> Array.maxBy _.GetParameters().Length

        made.Invoke
            [|
                for parameter in made.GetParameters() do
                    let name = string parameter.Name

                    match json.TryGetProperty name with
                    | true, value -> read path parameter.ParameterType value
                    | _ when operational.Contains $"{kind.Name}.{name}" -> path $"{kind.Name}.{name}"
                    | _ -> raise (JsonException $"{kind.Name} has no {name}")
            |]

    /// The settings of a canonical form, where it is of this version. `path` knows what does not enter it: where the
    /// files of such a member lie, as in PretrainedBackbone.File.
    let settings (path: string -> string) (json: JsonElement) =
        try
            match read (path >> box) typeof<RunSettings> json with
            | :? RunSettings as settings -> Some settings
            | _ -> None
        with
        | :? JsonException
        | :? TypeLoadException
        | :? ArgumentException -> None

    let private render indented (settings: RunSettings) (beside: Utf8JsonWriter -> unit) =
        use stream = new MemoryStream()

        using (new Utf8JsonWriter(stream, JsonWriterOptions(Indented = indented, NewLine = "\n"))) (fun json ->
            json.WriteStartObject()
            json.WriteNumber("numerics", numerics)
            json.WritePropertyName "settings"
            write json settings
            beside json
            json.WriteEndObject())

        stream.ToArray()

    /// Every member in the order of its name, numbers in the shortest form that reads back as the same value.
    let canonical settings =
        Encoding.UTF8.GetString(render false settings ignore)

    /// The canonical form laid out for people, and beside it the rule for groups, which names no run.
    let readable settings (groups: GroupRule) =
        let beside (json: Utf8JsonWriter) =
            json.WritePropertyName "groups"
            JsonSerializer.Serialize(json, groups)

        Encoding.UTF8.GetString(render true settings beside) + "\n"

    let private short (canonical: byte array) =
        Convert.ToHexStringLower(SHA256.HashData canonical).Substring(0, 12)

    /// First 12 hex digits of the SHA-256 of the canonical form.
    let hash settings = short (render false settings ignore)

    /// The same of what `readable` wrote, by whatever version.
    let hashOf (readable: JsonElement) =
        use stream = new MemoryStream()

        using (new Utf8JsonWriter(stream)) (fun json ->
            json.WriteStartObject()

            for name in [ "numerics"; "settings" ] do
                json.WritePropertyName name
                (readable.GetProperty name).WriteTo json

            json.WriteEndObject())

        short (stream.ToArray())

    /// What of a run determines its trained values: all but how they are judged. What is judged after each epoch is part
    /// of it, and test transforms are where the head starts at class means, which are taken through them.
    let private trained (run: RunSettings) =
        let data, input = run.Data, run.Input

        if run.Evaluation.BestOnTest then
            run
        else
            RunSettings(
                DataSettings(
                    data.Source,
                    data.Profile,
                    data.ImbalanceFactor,
                    data.LargestClass,
                    Nullable(),
                    data.SelectionSeed,
                    data.Broken,
                    data.PackedSide,
                    data.ContentHash
                ),
                (if run.Model.HeadInitial = HeadInitial.ClassMeans then
                     input
                 else
                     InputSettings(input.Train, [||], input.Mean, input.Deviation)),
                run.Model,
                run.Loss,
                run.Optimizer,
                run.Schedule,
                EvaluationSettings.Plain,
                run.BatchSize,
                run.Seed
            )

    /// Names the training of a run, which runs that differ only in how they are judged share.
    let training = trained >> hash
