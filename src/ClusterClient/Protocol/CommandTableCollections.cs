// The command table: hashes, lists, sets, sorted sets, geo, streams, vector sets and arrays.
namespace ClusterClient.Protocol;

internal static class CommandTableCollections
{
    // HSCAN and its like are bound to one process: the cursor walks buckets of a hash table seeded at that process' start.
    internal const string Rows = """
        # Hashes
        0          read              HGET HMGET HGETALL HKEYS HVALS HLEN HSTRLEN HEXISTS HRANDFIELD
        0          read              HTTL HPTTL HEXPIRETIME HPEXPIRETIME
        0          read,cursor       HSCAN
        0          write             HSET HSETNX HDEL HINCRBY HINCRBYFLOAT HGETDEL HGETEX HSETEX
        0          write,idempotent  HMSET
        0          write             HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HPERSIST
        ?          container,write   HIMPORT
        -          connection        HIMPORT: PREPARE DISCARD DISCARDALL
        0          connection        HIMPORT: SET

        # Lists
        0          read              LINDEX LLEN LPOS LRANGE
        0          write             LPUSH LPUSHX RPUSH RPUSHX LPOP RPOP LINSERT LREM LTRIM
        0          write,idempotent  LSET
        0..1       write             LMOVE RPOPLPUSH
        1#0        write             LMPOP
        0..-2      blocking          BLPOP BRPOP
        0..1       blocking          BLMOVE BRPOPLPUSH
        2#1        blocking          BLMPOP

        # Sets
        0          read              SCARD SISMEMBER SMISMEMBER SMEMBERS SRANDMEMBER
        0          read,cursor       SSCAN
        0..-1      read,split=union        SUNION
        0..-1      read,split=intersection SINTER
        0..-1      read,split=difference   SDIFF
        1#0        read,split=size         SINTERCARD
        0          write             SADD SREM SPOP
        0..1       write             SMOVE
        0..-1      write,idempotent  SDIFFSTORE SINTERSTORE SUNIONSTORE

        # Sorted sets
        0          read              ZCARD ZCOUNT ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANK ZREVRANK ZSCORE
        0          read              ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE
        0          read,cursor       ZSCAN
        1#0        read              ZINTER ZUNION
        1#0        read,split=sorted-difference ZDIFF
        1#0        read,split=sorted-size       ZINTERCARD
        0          write             ZADD ZINCRBY ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZPOPMAX ZPOPMIN
        0..1       write             ZRANGESTORE
        0,2#1      write             ZDIFFSTORE ZINTERSTORE ZUNIONSTORE
        1#0        write             ZMPOP
        0..-2      blocking          BZPOPMAX BZPOPMIN
        2#1        blocking          BZMPOP

        # Geo
        0          read              GEODIST GEOHASH GEOPOS GEORADIUS_RO GEORADIUSBYMEMBER_RO GEOSEARCH
        0          write             GEOADD
        0,STORE    write             GEORADIUS GEORADIUSBYMEMBER
        0..1       write             GEOSEARCHSTORE

        # Streams
        0          read              XLEN XPENDING XRANGE XREVRANGE
        0          write             XADD XDEL XTRIM XACK XCLAIM XAUTOCLAIM XACKDEL XDELEX XCFGSET XNACK
        0          write,idempotent  XSETID
        STREAMS    read,blocking     XREAD
        STREAMS    write,blocking    XREADGROUP
        ?          container,write   XGROUP
        0          write             XGROUP: CREATE CREATECONSUMER DELCONSUMER DESTROY
        0          write,idempotent  XGROUP: SETID
        -          read,any          XGROUP: HELP
        ?          container,read    XINFO
        0          read              XINFO: CONSUMERS GROUPS STREAM
        -          read,any          XINFO: HELP

        # Vector sets (Redis 8.0)
        0          read              VCARD VDIM VEMB VGETATTR VINFO VISMEMBER VLINKS VRANDMEMBER VRANGE VSIM
        0          write             VADD VREM VSETATTR

        # Arrays (Redis 8.8)
        0          read              ARCOUNT ARGET ARGETRANGE ARGREP ARINFO ARLASTITEMS ARLEN ARMGET ARNEXT AROP ARSCAN
        0          write             ARDEL ARDELRANGE ARINSERT ARMSET ARRING ARSEEK ARSET
        """;
}
