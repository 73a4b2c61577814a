System.Console.WriteLine("cpf");
