using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp;

namespace LongTail.Core;

/// <summary>What random numbers are for. The values are part of every run's numbers: append, never reorder.</summary>
public enum Purpose
{
    Initial,
    DataOrder,
    Augmentation,
    LossNoise,
    NeighborhoodNoise,
    Dropout,
    Framing,
    Surface,
}

/// <summary>
/// Random streams that share nothing. The published code draws its noise from the generator that also crops and
/// shuffles, so switching the noise on changes the data (method.md 1.4, trap 7); here a stream is named by what it is
/// for, and starts anew at every step, which also makes a resumed run draw what the uninterrupted one would have.
/// </summary>
public static class Randomness
{
    /// <summary>A fresh generator for one purpose at one step of the run with this seed; the caller disposes it.</summary>
    /// <param name="call">Tells draws apart that fall into the same step: SAM computes the loss twice.</param>
    /// <remarks>
    /// It draws on the CPU, as TorchSharp has no generator of a GPU: what is drawn goes to the device afterwards, and is the same on
    /// every device. libtorch's CPU generator keeps the low 32 bits of the key only: two given streams coincide with
    /// probability 2^-32.
    /// </remarks>
    public static torch.Generator Stream(long seed, Purpose purpose, long step, int call = 0) =>
        new(Key(seed, purpose, step, call));

    /// <summary>64 well mixed bits; for three of the four parts held fixed, no two values of the fourth collide.</summary>
    public static ulong Key(long seed, Purpose purpose, long step, int call = 0)
    {
        var key = Mix((ulong)seed);
        key = Mix(key + (ulong)purpose);
        key = Mix(key + (ulong)step);
        return Mix(key + (ulong)call);
    }

    /// <summary>64 well mixed bits of a name.</summary>
    internal static ulong Key(string name) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>2^64 over the golden ratio: counting by it, SplitMix64 comes to every number before it comes to one twice.</summary>
    internal const ulong Step = 0x9E3779B97F4A7C15;

    // SplitMix64 (Steele, Lea, Flood 2014): the golden-ratio increment, then its finaliser. A bijection of 64 bits.
    internal static ulong Mix(ulong x)
    {
        x += Step;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
