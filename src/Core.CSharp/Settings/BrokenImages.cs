namespace LongTail.Core.Settings;

/// <summary>What becomes of an image that cannot be decoded.</summary>
public enum BrokenImages
{
    /// <summary>The run fails, with the file's name.</summary>
    Fail,

    /// <summary>
    /// It is counted, and the next sound image of its class in the list (the first after the last) stands in its place: every
    /// batch keeps its size and its labels. Meant for training; a test set with other images in it is another test set.
    /// </summary>
    Skip,
}
