// Values: what each kind is on the wire, equal to and converted to.
using System.Globalization;
using System.Text;
using ClusterClient.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Protocol;

public sealed class RedisValueTests
{
    public static TheoryData<RedisValue, string> OnTheWire => new()
    {
        { "text", "text" },
        { "", "" },
        { "Ä€😀", "Ä€😀" },
        { new byte[] { 65, 66 }, "AB" },
        { new ReadOnlyMemory<byte>([1, 65, 66, 2], 1, 2), "AB" },
        { new Memory<byte>([65, 66]), "AB" },
        { new ForeignMemory("xABx").Memory.Slice(1, 2), "AB" },
        { default(ReadOnlyMemory<byte>), "" },
        { 0, "0" },
        { -7, "-7" },
        { uint.MaxValue, "4294967295" },
        { long.MinValue, "-9223372036854775808" },
        { long.MaxValue, "9223372036854775807" },
        { ulong.MaxValue, "18446744073709551615" },
        { 5UL, "5" },
        { true, "1" },
        { false, "0" },
        { 1.5, "1.5" },
        { 5.0, "5" },
        { -0.0, "-0" },
        { 1e15, "1000000000000000" },
        { 1e300, "1E+300" },
        { 0.1, "0.1" },
        { 0.1f, "0.1" },
        { float.MaxValue, "3.4028235E+38" },
        { double.Epsilon, "5E-324" },
        { double.MinValue, "-1.7976931348623157E+308" },
        { double.PositiveInfinity, "inf" },
        { float.NegativeInfinity, "-inf" },
        { double.NaN, "nan" },
        { (int?)3, "3" },
        { (bool?)true, "1" },
        { (double?)2.5, "2.5" },
    };

    [Theory]
    [MemberData(nameof(OnTheWire))]
    public void AValueIsWrittenAsItsText(RedisValue value, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[] buffer = new byte[value.GetMaxEncodedLength()];
        int written = value.WriteTo(buffer);
        Assert.Equal(bytes, buffer.AsSpan(0, written).ToArray());
        Assert.Equal(bytes.Length, value.ByteLength);
        Assert.Equal(bytes.Length, value.Length());
        Assert.Equal(text, value.ToString());
        Assert.Equal(text, (string?)value);
        Assert.Equal(bytes, (byte[]?)value);
        Assert.Equal(bytes, ((ReadOnlyMemory<byte>)value).ToArray());
        Assert.Equal(text.Length == 0, value.IsNullOrEmpty);
        Assert.Equal(text.Length != 0, value.HasValue);
        Assert.False(value.IsNull);
    }

    [Theory]
    [MemberData(nameof(OnTheWire))]
    public void EqualityIsThatOfTheBytes(RedisValue value, string text)
    {
        RedisValue[] same = [value, text, Encoding.UTF8.GetBytes(text), new ForeignMemory(text).Memory, Copy(text)];
        foreach (RedisValue other in same)
        {
            Assert.True(value == other && other.Equals(value) && !(value != other));
            Assert.Equal(value.GetHashCode(), other.GetHashCode());
            Assert.True(value.Equals((object)other));
        }

        RedisValue[] different = [text + "x", "x" + text, RedisValue.Null, Encoding.UTF8.GetBytes(text + "\0"), 4711, 0.123];
        foreach (RedisValue other in different)
        {
            Assert.False(value == other || other.Equals(value));
        }
    }

    [Fact]
    public void OtherSpellingsOfANumberAreOtherValues()
    {
        RedisValue five = 5;
        Assert.True(five == "5" && five == 5.0 && five == 5UL);
        Assert.False(five == "05" || five == "5.0" || five == "+5" || five == " 5");
    }

    [Fact]
    public void LoneSurrogatesAreReplacedOnTheWireAndEqualWhatTheyBecome()
    {
        RedisValue high = "a\uD800b", low = "a\uDC00b", replaced = "a\uFFFDb";
        Assert.True(high == low && low == replaced);
        Assert.Equal(high.GetHashCode(), replaced.GetHashCode());
        Assert.False(high == "a\uFFFEb");
        Assert.Equal(5, high.ByteLength);
    }

    [Fact]
    public void NullIsNoValue()
    {
        RedisValue[] nulls =
        [
            default, RedisValue.Null, (string?)null, (byte[]?)null, (int?)null, (uint?)null, (long?)null, (ulong?)null, (double?)null, (float?)null, (bool?)null,
        ];
        foreach (RedisValue value in nulls)
        {
            Assert.True(value.IsNull && value.IsNullOrEmpty && !value.HasValue && value == RedisValue.Null && value != RedisValue.EmptyString);
            Assert.Null((string?)value);
            Assert.Null((byte[]?)value);
            Assert.Equal("", value.ToString());
            Assert.Equal(0, value.ByteLength);
            Assert.Equal(0, value.WriteTo([]));
            Assert.Equal(0, value.GetHashCode());
            Assert.Equal(0, (int)value);
            Assert.Equal(0UL, (ulong)value);
            Assert.Equal(0.0, (double)value);
            Assert.Equal(0m, (decimal)value);
            Assert.False((bool)value);
            Assert.Null((int?)value);
            Assert.Null((long?)value);
            Assert.Null((ulong?)value);
            Assert.Null((double?)value);
            Assert.Null((decimal?)value);
            Assert.Null((bool?)value);
            Assert.False(value.TryParse(out long _));
            Assert.False(value.TryParse(out double _));
            Assert.True(((ReadOnlyMemory<byte>)value).IsEmpty);
        }
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-5", -5L)]
    [InlineData("+5", 5L)]
    [InlineData("007", 7L)]
    [InlineData("5.0", 5L)]
    [InlineData("1e3", 1000L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void TextThatIsAnIntegerConverts(string text, long expected)
    {
        foreach (RedisValue value in new RedisValue[] { text, Encoding.UTF8.GetBytes(text) })
        {
            Assert.True(value.TryParse(out long parsed));
            Assert.Equal(expected, parsed);
            Assert.Equal(expected, (long)value);
            Assert.Equal(expected, (long?)value);
            Assert.Equal(expected, (double)value);
            Assert.Equal(expected, (decimal)value);
            Assert.False(value.IsInteger);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+")]
    [InlineData("abc")]
    [InlineData("1 ")]
    [InlineData(" 1")]
    [InlineData("1\0")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("--1")]
    [InlineData("١")]
    public void TextThatIsNoNumberDoesNotConvert(string text)
    {
        foreach (RedisValue value in new RedisValue[] { text, Encoding.UTF8.GetBytes(text) })
        {
            Assert.False(value.TryParse(out long _));
            Assert.False(value.TryParse(out double _));
            Assert.Throws<InvalidCastException>(() => (int)value);
            Assert.Throws<InvalidCastException>(() => (ulong)value);
            Assert.Throws<InvalidCastException>(() => (double)value);
            Assert.Throws<InvalidCastException>(() => (decimal)value);
            Assert.Throws<InvalidCastException>(() => (bool)value);
            Assert.Throws<InvalidCastException>(() => (long?)value);
        }
    }

    [Fact]
    public void AFractionIsNoInteger()
    {
        Assert.Throws<InvalidCastException>(() => (long)(RedisValue)1.5);
        Assert.Throws<InvalidCastException>(() => (long)(RedisValue)"1.5");
        Assert.Throws<InvalidCastException>(() => (long)(RedisValue)"nan");
        Assert.False(((RedisValue)1.5).TryParse(out long _));
    }

    [Fact]
    public void WhatDoesNotFitOverflows()
    {
        Assert.Throws<OverflowException>(() => (int)(RedisValue)long.MaxValue);
        Assert.Throws<OverflowException>(() => (uint)(RedisValue)(-1));
        Assert.Throws<OverflowException>(() => (ulong)(RedisValue)(-1));
        Assert.Throws<OverflowException>(() => (long)(RedisValue)ulong.MaxValue);
        Assert.Throws<OverflowException>(() => (long)(RedisValue)"9223372036854775808");
        Assert.Throws<OverflowException>(() => (ulong)(RedisValue)"18446744073709551616");
        Assert.Throws<OverflowException>(() => (decimal)(RedisValue)"1e40");
        Assert.Throws<OverflowException>(() => (decimal)(RedisValue)double.PositiveInfinity);
        Assert.Equal(ulong.MaxValue, (ulong)(RedisValue)"18446744073709551615");
        Assert.Equal(ulong.MaxValue, (ulong)(RedisValue)ulong.MaxValue);
        Assert.Equal((double)ulong.MaxValue, (double)(RedisValue)ulong.MaxValue);
    }

    [Fact]
    public void AFailedConversionDoesNotShowTheValue() =>
        Assert.DoesNotContain("secret", Assert.Throws<InvalidCastException>(() => (int)(RedisValue)"secret").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("true", true)]
    [InlineData("False", false)]
    public void TruthValuesConvert(string text, bool expected)
    {
        Assert.Equal(expected, (bool)(RedisValue)text);
        Assert.Equal(expected, (bool?)(RedisValue)Encoding.UTF8.GetBytes(text));
        Assert.Throws<InvalidCastException>(() => (bool)(RedisValue)2);
        Assert.Throws<InvalidCastException>(() => (bool)(RedisValue)0.5);
    }

    [Theory]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("+inf", double.PositiveInfinity)]
    [InlineData("-Inf", double.NegativeInfinity)]
    [InlineData("infinity", double.PositiveInfinity)]
    [InlineData("nan", double.NaN)]
    [InlineData("-nan", double.NaN)]
    [InlineData("1.5", 1.5)]
    [InlineData("-1.5e-3", -0.0015)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5.0)]
    [InlineData("1e400", double.PositiveInfinity)]
    [InlineData("-0", -0.0)]
    public void TextThatIsADoubleConverts(string text, double expected)
    {
        Assert.True(((RedisValue)text).TryParse(out double value));
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
        Assert.Equal((float)expected, (float)(RedisValue)text);
    }

    [Fact]
    public void EveryNumberComesBack()
    {
        Check.QuickThrowOnFailure(Prop.ForAll<long>(static i => (long)Sent(i) == i && (long)(RedisValue)i == i && (string?)(RedisValue)i == i.ToString(CultureInfo.InvariantCulture)));
        Check.QuickThrowOnFailure(Prop.ForAll<ulong>(static i => (ulong)Sent(i) == i && (ulong)(RedisValue)i == i));
        Check.QuickThrowOnFailure(Prop.ForAll<double>(static d => ((double)Sent(d)).Equals(d) && ((double)(RedisValue)d).Equals(d)));
        Check.QuickThrowOnFailure(Prop.ForAll<float>(static f => ((float)Sent(f)).Equals(f)));
        Check.QuickThrowOnFailure(Prop.ForAll<int>(static i => (decimal)Sent(i) == i && (int)(RedisValue)i == i));
        Check.QuickThrowOnFailure(Prop.ForAll<bool>(static b => (bool)Sent(b) == b));

        static RedisValue Sent(RedisValue value) => value.ToString();
    }

    [Fact]
    public void TheWrittenLengthIsExactAndWithinTheBound() =>
        Check.QuickThrowOnFailure(Prop.ForAll<string?, long, double>(static (text, integer, number) =>
        {
            foreach (RedisValue value in new RedisValue[] { text, integer, number, unchecked((ulong)integer) })
            {
                byte[] exact = new byte[value.ByteLength];
                Assert.Equal(exact.Length, value.WriteTo(exact));
                Assert.InRange(exact.Length, 0, value.GetMaxEncodedLength());
            }
        }));

    [Fact]
    public void DigitsAreCountedRight()
    {
        ulong power = 1;
        for (int digits = 1; digits <= 20; digits++)
        {
            Assert.Equal(digits, NumberText.Length(power));
            Assert.Equal(Math.Max(digits - 1, 1), NumberText.Length(power - 1));
            power = unchecked(power * 10);
        }
    }

    [Fact]
    public void TheCultureDoesNotMatter()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            // The build has no culture data; these are the differences that do harm.
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat = new NumberFormatInfo
            {
                NegativeSign = "~",
                PositiveSign = "&",
                NumberDecimalSeparator = ",",
                NumberGroupSeparator = ".",
                NaNSymbol = "?",
                PositiveInfinitySymbol = "oo",
            };
            CultureInfo.CurrentCulture = culture;
            Assert.Equal("-1.5", ((RedisValue)(-1.5)).ToString());
            Assert.Equal("-15", ((RedisValue)(-15)).ToString());
            Assert.Equal("0.1", ((RedisValue)0.1f).ToString());
            Assert.Equal("inf", ((RedisValue)double.PositiveInfinity).ToString());
            Assert.Equal(-1.5, (double)(RedisValue)"-1.5");
            Assert.Equal(-1.5m, (decimal)(RedisValue)"-1.5");
            Assert.Equal("1) (integer) -5\n2) (double) -1.5", Scan.Tree("*2\r\n:-5\r\n,-1.5\r\n").ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void ConversionsThatNeedNoCopyMakeNone()
    {
        byte[] bytes = [1, 2, 3];
        Assert.Same(bytes, (byte[]?)(RedisValue)bytes);
        Assert.NotSame(bytes, (byte[]?)(RedisValue)bytes.AsMemory(0, 2));
        Assert.Equal([1, 2], (byte[]?)(RedisValue)bytes.AsMemory(0, 2));
        Assert.True(((ReadOnlyMemory<byte>)(RedisValue)bytes.AsMemory(1)).Equals(bytes.AsMemory(1)));
        string text = Copy("abc");
        Assert.Same(text, (string?)(RedisValue)text);
        Assert.Same(text, (string?)(RedisValue)(RedisKey)text);
    }

    [Fact]
    public void ADestinationThatIsTooShortIsAnError()
    {
        Assert.ThrowsAny<ArgumentException>(() => ((RedisValue)"abc").WriteTo(new byte[2]));
        Assert.ThrowsAny<ArgumentException>(() => ((RedisValue)123).WriteTo(new byte[2]));
        Assert.ThrowsAny<ArgumentException>(() => ((RedisValue)ulong.MaxValue).WriteTo(new byte[2]));
        Assert.ThrowsAny<ArgumentException>(() => ((RedisValue)1.25).WriteTo(new byte[2]));
        Assert.ThrowsAny<ArgumentException>(() => ((RedisValue)double.NaN).WriteTo(new byte[2]));
        Assert.ThrowsAny<ArgumentException>(() => ((RedisValue)new byte[3]).WriteTo(new byte[2]));
    }

    private static string Copy(string text) => new(text.AsSpan());
}
