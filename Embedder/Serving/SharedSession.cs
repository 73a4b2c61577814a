namespace CpfPipeline.Embedder.Serving;

/// <summary>
/// A session that several sets of serving models may use. Its owner disposes it after its last user. Guarded by the owner's lock.
/// </summary>
internal sealed class SharedSession<T>(T session)
    where T : class, IDisposable
{
    private int _users;

    public T Session => session;

    public void AddUser() => _users++;

    /// <summary>True when that was the last user and the session is to be disposed.</summary>
    public bool RemoveUser() => --_users == 0;
}
