namespace LongTail.Core;

/// <summary>
/// What a person can mend: a missing file, truncated data, a device that is not there. The command
/// line prints the message, one line, and exits with code 2; every other exception is a defect.
/// </summary>
/// <param name="message">One line: what is wrong, where, and what to do about it.</param>
public class InputException(string message) : Exception(message);

/// <summary>The loss is no longer a number. It would not be one the next time either.</summary>
/// <param name="message">As in <see cref="InputException"/>.</param>
public sealed class DivergedException(string message) : InputException(message);
