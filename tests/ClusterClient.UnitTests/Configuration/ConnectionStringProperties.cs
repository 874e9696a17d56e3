// What holds for every connection string: it reads back as it was written, and no complaint repeats a secret.
using ClusterClient.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Configuration;

public class ConnectionStringProperties
{
    /// <summary>Letters that no message has in a row by chance; digits do (65535).</summary>
    private const string SecretLetters = "QXZJKVWY";
    private const string Reserved = "@:/?#%&=,;[]+ ";

    private static readonly string[] s_withHost =
    [
        "redis://{0}@host", "redis://user:{0}@host:6379/0?connectTimeout=5s", "rediss://:{0}@host", "redis+unix://:{0}@/run/redis.sock",
        "redis://user:{0}@", "redis://user:{0}@host:99999", "redis://user:{0}@host/x", "redis://user:{0}@host?nonsense=1", "redis://user:{0}@host?tls=maybe",
        "redis://user:{0}@host,,", "redis//user:{0}@host", "http://user:{0}@host", "redis://a:b@c,user:{0}@host", "redis+unix://user:{0}@host/path",
        "redis://host?password={0}", "redis://host?connectTimeout=5s&PWD={0}", "redis://host?token={0}@x", "host:6379,password={0}",
    ];

    private static Arbitrary<string> Secrets(string reserved) =>
        Gen.Elements((SecretLetters + SecretLetters + reserved).ToCharArray()).ArrayOf()
            .Where(static letters => letters.Length is >= 6 and <= 24)
            .Select(static letters => new string(letters))
            .ToArbitrary();

    [Fact]
    public void No_complaint_and_no_text_repeats_a_raw_secret() =>
        Prop.ForAll(Secrets(Reserved), static secret => s_withHost.All(template => Keeps(string.Format(null, template, secret), secret))).QuickCheckThrowOnFailure();

    [Fact]
    public void No_complaint_and_no_text_repeats_an_escaped_secret() =>
        Prop.ForAll(Secrets(Reserved), static secret => s_withHost.All(template => Keeps(string.Format(null, template, Uri.EscapeDataString(secret)), secret))).QuickCheckThrowOnFailure();

    [Fact]
    public void No_complaint_repeats_a_secret_whose_host_was_forgotten() =>
        Prop.ForAll(Secrets(":[]%;+ "), static secret => new[] { "redis://user:{0}", "rediss://:{0}", "redis://:{0}/0" }.All(template => Keeps(string.Format(null, template, secret), secret))).QuickCheckThrowOnFailure();

    [Fact]
    public void An_escaped_password_reads_back() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>().Filter(static s => !s.Get.Any(char.IsSurrogate)), static password =>
            RedisClientOptions.Parse($"redis://:{Uri.EscapeDataString(password.Get)}@host").Password == password.Get).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_is_written_reads_back() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), static seed =>
        {
            RedisClientOptions options = Arbitrary(new Random(seed));
            string text = options.ToString();
            var read = RedisClientOptions.Parse(text);
            Assert.Equal(text, read.ToString());
            Assert.Equal(options.Endpoints, read.Endpoints);
            Assert.All(OptionTable.All, option => Assert.Equal(option.Write(options), option.Write(read)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_text_ends_in_options_or_in_one_clear_complaint() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static text =>
        {
            foreach (string start in new[] { "", "redis://", "rediss://u:p@h,", "redis+unix://", "redis://h/", "redis://h?", "redis://h?clientName=" })
            {
                try
                {
                    RedisClientOptions.Parse(start + text.Get);
                }
                catch (ArgumentException error)
                {
                    Assert.StartsWith("Bad connection string: ", error.Message, StringComparison.Ordinal);
                }
            }
        }).QuickCheckThrowOnFailure();

    /// <summary>Whether neither the complaint about the text, nor the text of the options it gives, holds four characters in a row of the secret (three of them letters, so that "://" is none).</summary>
    private static bool Keeps(string connectionString, string secret)
    {
        string seen;
        try
        {
            var options = RedisClientOptions.Parse(connectionString);
            options.User = null; // in "redis://a:b@host" the user is not the secret
            seen = options.ToString();
        }
        catch (ArgumentException error)
        {
            seen = error.ToString();
        }

        return Enumerable.Range(0, secret.Length - 3).Select(i => secret.Substring(i, 4))
            .Where(static piece => piece.Count(char.IsAsciiLetterOrDigit) >= 3)
            .All(piece => !seen.Contains(piece, StringComparison.Ordinal));
    }

    private static RedisClientOptions Arbitrary(Random random)
    {
        RedisClientOptions options = new();
        bool socket = random.Next(4) == 0;
        string[] hosts = ["localhost", "10.1.2.3", "::1", "redis_1.example.com", "2001:db8::1"];
        if (socket) options.Endpoints.Add(NodeEndpoint.Unix("/run/" + Text(random, "ab /%?#&=ü") + "x"));
        for (int i = socket ? 0 : random.Next(1, 4); i > 0; i--) options.Endpoints.Add(new(hosts[random.Next(hosts.Length)], random.Next(1, 65536)));
        foreach (Option option in OptionTable.All)
        {
            if (random.Next(2) == 0) continue;

            // A text of each kind; the option takes the one that suits it.
            string[] texts =
            [
                random.Next(2) == 0 ? "true" : "false", $"{random.Next(1, 1000)}", $"{random.Next(1, 5000)}ms", $"{random.Next(1, 60)}s", $"{random.Next(1, 60)}m",
                $"{random.Next(1, 4096)}kb", $"{random.Next(1, 2000)}MiB", "cluster", "sentinel", "resp2", "all", "idempotent", "confirmed", "nearest", "replicaPreferred", Text(random, "abAB/%?#&=@:,;+"),
            ];
            random.Shuffle(texts);
            Assert.Contains(texts, text => option.TryRead(options, text));
        }

        options.Tls &= !socket;
        options.Password = "never written";
        return options;
    }

    private static string Text(Random random, string letters) => new(random.GetItems<char>(letters, random.Next(1, 12)));
}
