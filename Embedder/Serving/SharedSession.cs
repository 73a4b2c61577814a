namespace CpfPipeline.Embedder.Serving;

/// <summary>
/// A session that several sets of serving models may use. It is disposed with its last user. Guarded by its owner's lock.
/// </summary>
internal sealed class SharedSession<T>(T session)
    where T : class, IDisposable
{
    private int _users;

    public T Session => session;

    public void AddUser() => _users++;

    /// <summary>True when that was the last user and the session is disposed.</summary>
    public bool RemoveUser()
    {
        if (--_users > 0)
        {
            return false;
        }

        session.Dispose();
        return true;
    }
}
