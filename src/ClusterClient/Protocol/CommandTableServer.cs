// The command table: connection, server, cluster, scripting, pub/sub and transactions.
namespace ClusterClient.Protocol;

internal static class CommandTableServer
{
    // "read" here means: changes nothing, so it may be sent again. Where one node would answer for itself alone and nobody could tell, the
    // command goes to all, or the caller must say which is meant. Scripts and functions are what every master keeps by itself; ACLs and
    // parameters may differ between nodes on purpose, so that whoever changes them names the nodes.
    internal const string Rows = """
        # Connection
        -          read,any          PING ECHO
        -          connection        AUTH HELLO QUIT RESET SELECT ASKING READONLY READWRITE
        -          container,write,pinned CLIENT
        -          read,any          CLIENT: GETNAME HELP
        -          read,pinned       CLIENT: GETREDIR ID INFO LIST TRACKINGINFO
        -          write,pinned      CLIENT: KILL PAUSE UNPAUSE UNBLOCK
        -          connection        CLIENT: CACHING CAPA IMPORT-SOURCE NO-EVICT NO-TOUCH REPLY SETINFO SETNAME TRACKING

        # Transactions
        -          connection        MULTI EXEC DISCARD UNWATCH
        0..-1      connection        WATCH

        # Pub/sub
        -          write,master      PUBLISH
        0          write             SPUBLISH
        -          connection        SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE
        0..-1      connection        SSUBSCRIBE SUNSUBSCRIBE
        -          container,read,pinned PUBSUB
        -          read,nodes=union  PUBSUB: CHANNELS SHARDCHANNELS
        -          read,nodes=sums   PUBSUB: NUMSUB SHARDNUMSUB
        -          read,pinned       PUBSUB: NUMPAT
        -          read,any          PUBSUB: HELP

        # Scripting and functions
        2#1        write,script      EVAL EVALSHA FCALL
        2#1        read,script       EVAL_RO EVALSHA_RO FCALL_RO
        -          container,write,pinned SCRIPT FUNCTION
        -          read,masters=and  SCRIPT: EXISTS
        -          read,master       SCRIPT: SHOW
        -          read,any          SCRIPT: HELP
        -          write,idempotent,masters SCRIPT: FLUSH LOAD
        -          write,pinned      SCRIPT: KILL
        -          connection        SCRIPT: DEBUG
        -          read,master       FUNCTION: DUMP LIST
        -          read,pinned       FUNCTION: STATS
        -          read,any          FUNCTION: HELP
        -          write,idempotent,masters FUNCTION: FLUSH
        -          write,masters     FUNCTION: DELETE LOAD RESTORE
        -          write,pinned      FUNCTION: KILL

        # Cluster
        -          container,write,pinned CLUSTER
        -          read,any          CLUSTER: HELP INFO KEYSLOT MYID MYSHARDID NODES REPLICAS SHARDS SLAVES SLOTS
        -          read,pinned       CLUSTER: COUNT-FAILURE-REPORTS COUNTKEYSINSLOT GETKEYSINSLOT GETSLOTMIGRATIONS LINKS SLOT-STATS
        -          write,pinned      CLUSTER: ADDSLOTS ADDSLOTSRANGE BUMPEPOCH CANCELSLOTMIGRATIONS DELSLOTS DELSLOTSRANGE FAILOVER
        -          write,pinned      CLUSTER: FLUSHSLOT FLUSHSLOTS FORGET MEET MIGRATESLOTS MIGRATION REPLICATE RESET SAVECONFIG
        -          write,pinned      CLUSTER: SET-CONFIG-EPOCH SETSLOT
        -          connection        CLUSTER: SYNCSLOTS

        # Replication and persistence
        -          read,pinned       ROLE LASTSAVE
        -          write,pinned      REPLICAOF SLAVEOF FAILOVER BGREWRITEAOF BGSAVE SAVE SHUTDOWN
        -          connection        PSYNC SYNC REPLCONF MONITOR
        -          blocking          WAIT WAITAOF

        # Server
        -          read,pinned       INFO
        -          read,any          TIME LOLWUT
        -          write,idempotent,keyspace FLUSHALL FLUSHDB
        -          write,pinned      SWAPDB DEBUG SFLUSH TRIMSLOTS
        -          container,write,pinned ACL
        -          read,any          ACL: CAT GENPASS HELP
        -          read,master       ACL: DRYRUN GETUSER LIST USERS WHOAMI
        -          write,pinned      ACL: DELUSER LOAD LOG SAVE SETUSER
        -          container,read,any COMMAND
        -          read,any          COMMAND: COUNT DOCS GETKEYS GETKEYSANDFLAGS HELP INFO LIST
        -          container,read,pinned COMMANDLOG SLOWLOG
        -          read,pinned       COMMANDLOG: GET LEN
        -          read,any          COMMANDLOG: HELP
        -          write,idempotent,pinned COMMANDLOG: RESET
        -          read,pinned       SLOWLOG: GET LEN
        -          read,any          SLOWLOG: HELP
        -          write,idempotent,pinned SLOWLOG: RESET
        -          container,write,pinned CONFIG
        -          read,pinned       CONFIG: GET
        -          read,any          CONFIG: HELP
        -          write,idempotent,pinned CONFIG: RESETSTAT REWRITE SET
        -          container,write,pinned HOTKEYS
        -          read,pinned       HOTKEYS: GET
        -          read,any          HOTKEYS: HELP
        -          write,pinned      HOTKEYS: RESET START STOP
        -          container,read,pinned LATENCY
        -          read,pinned       LATENCY: DOCTOR GRAPH HISTOGRAM HISTORY LATEST
        -          read,any          LATENCY: HELP
        -          write,pinned      LATENCY: RESET
        ?          container,read    MEMORY
        -          read,pinned       MEMORY: DOCTOR MALLOC-STATS STATS
        -          read,any          MEMORY: HELP
        -          write,idempotent,pinned MEMORY: PURGE
        0          read              MEMORY: USAGE
        -          container,write,pinned MODULE
        -          read,master       MODULE: LIST
        -          read,any          MODULE: HELP
        -          write,pinned      MODULE: LOAD LOADEX UNLOAD

        # Sentinel (answered by sentinels only)
        -          container,write,pinned SENTINEL
        -          read,any          SENTINEL: CKQUORUM GET-MASTER-ADDR-BY-NAME HELP INFO-CACHE IS-MASTER-DOWN-BY-ADDR
        -          read,any          SENTINEL: MASTER MASTERS MYID PENDING-SCRIPTS REPLICAS SENTINELS SLAVES
        -          write,pinned      SENTINEL: CONFIG DEBUG FAILOVER FLUSHCONFIG MONITOR REMOVE RESET SET SIMULATE-FAILURE
        """;
}
