// The words of the commands' grammars, encoded once.
using System.Text;

namespace ClusterClient.Commands;

internal static class Words
{
    internal static readonly RedisValue Absolute = Of("ABSTTL");
    internal static readonly RedisValue Bit = Of("BIT");
    internal static readonly RedisValue Byte = Of("BYTE");
    internal static readonly RedisValue Database = Of("DB");
    internal static readonly RedisValue Expire = Of("EX");
    internal static readonly RedisValue ExpireAt = Of("EXAT");
    internal static readonly RedisValue ExpireMilliseconds = Of("PX");
    internal static readonly RedisValue ExpireAtMilliseconds = Of("PXAT");
    internal static readonly RedisValue Exists = Of("XX");
    internal static readonly RedisValue Frequency = Of("FREQ");
    internal static readonly RedisValue Get = Of("GET");
    internal static readonly RedisValue GreaterThan = Of("GT");
    internal static readonly RedisValue Id = Of("ID");
    internal static readonly RedisValue IdleTime = Of("IDLETIME");
    internal static readonly RedisValue IfDigestEqual = Of("IFDEQ");
    internal static readonly RedisValue IfDigestNotEqual = Of("IFDNE");
    internal static readonly RedisValue IfEqual = Of("IFEQ");
    internal static readonly RedisValue IfNotEqual = Of("IFNE");
    internal static readonly RedisValue Increment = Of("INCRBY");
    internal static readonly RedisValue Indexes = Of("IDX");
    internal static readonly RedisValue KeepExpiry = Of("KEEPTTL");
    internal static readonly RedisValue Length = Of("LEN");
    internal static readonly RedisValue LessThan = Of("LT");
    internal static readonly RedisValue MinimumMatchLength = Of("MINMATCHLEN");
    internal static readonly RedisValue NotExists = Of("NX");
    internal static readonly RedisValue Overflow = Of("OVERFLOW");
    internal static readonly RedisValue Persist = Of("PERSIST");
    internal static readonly RedisValue Replace = Of("REPLACE");
    internal static readonly RedisValue Set = Of("SET");
    internal static readonly RedisValue Type = Of("TYPE");
    internal static readonly RedisValue WithMatchLength = Of("WITHMATCHLEN");

    internal static RedisValue Of(string word) => Encoding.ASCII.GetBytes(word);
}
