// One command in the words of one client's API.
namespace ClusterClient.Bench.Load;

/// <summary>Implemented by structs, so that each client's loop is compiled for it alone and nothing stands between loop and client.</summary>
internal interface IOperation<T>
{
    /// <summary>Sends the command for a key, or group of keys, of the data set.</summary>
    ValueTask<T> Start(int key);

    /// <summary>Looks at the reply as a user would and gives back what is pooled; false if the reply is wrong.</summary>
    bool Finish(T reply);
}
