// BITFIELD: integers of any width inside a string.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on integers of any width inside a string.</summary>
public static class BitFieldCommands
{
    private static readonly CommandInfo BitField = CommandTable.Get("BITFIELD");
    private static readonly CommandInfo BitFieldReadOnly = CommandTable.Get("BITFIELD_RO");

    extension(ICommandExecutor redis)
    {
        /// <summary>
        /// Reads and changes integers inside a string, one after another (<c>BITFIELD</c>; when all only read, <c>BITFIELD_RO</c>, which replicas serve too).
        /// </summary>
        /// <param name="key">The key.</param>
        /// <param name="operations">What to do, in this order.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>One integer for each operation; null where an increment was not made because of <see cref="BitFieldOverflow.Fail"/>.</returns>
        /// <exception cref="ArgumentException">There is no operation.</exception>
        public ValueTask<long?[]> StringBitFieldAsync(
            RedisKey key, ReadOnlySpan<BitFieldOperation> operations, CancellationToken cancellationToken = default)
        {
            if (operations.IsEmpty) throw new ArgumentException("At least one operation is needed.", nameof(operations));
            var arguments = default(ArgumentList);
            arguments.Add(Argument.Key(key));
            bool readOnly = true;
            var overflow = BitFieldOverflow.Wrap;
            foreach (BitFieldOperation operation in operations)
            {
                if (operation.IsDefault) throw new ArgumentException("An operation is default; use BitFieldOperation.Get, Set or Increment.", nameof(operations));
                readOnly &= operation.IsRead;
                operation.AddTo(ref arguments, ref overflow);
            }

            return redis.ExecuteAsync(arguments.ToCommand(readOnly ? BitFieldReadOnly : BitField), NullableInt64sReply.Instance, cancellationToken);
        }
    }
}
