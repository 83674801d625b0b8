USE [citsmart]
GO
SET ANSI_NULLS ON
GO
/* nested /* comment */ it's one */
CREATE TABLE [dbo].[modelosemails](
	[idmodeloemail] [int] NOT NULL,
	[titulo] [varchar](100) NOT NULL,
	[texto] [text] NOT NULL,
	[situacao] [char](1) NOT NULL,
	[identificador] [varchar](20) NULL,
 CONSTRAINT [PK_modelosemails] PRIMARY KEY CLUSTERED ([idmodeloemail] ASC)
) ON [PRIMARY]
GO
PRINT 'it''s running'
SET IDENTITY_INSERT [dbo].[modelosemails] ON
INSERT [dbo].[modelosemails] ([idmodeloemail], [titulo], [texto], [situacao], [identificador]) VALUES (1, N'Sem INTO - ${NOME}', N'<p>C:\temp\</p>', N'A', N'semInto')
INSERT [dbo].[modelosemails] ([idmodeloemail], [titulo], [texto], [situacao], [identificador]) VALUES (CAST(2 AS Numeric(10, 0)), CONVERT(VARCHAR(100), N'd''água' COLLATE Latin1_General_CI_AI), CAST(N'<p>um</p>' + CHAR(13) + NCHAR(231) + N'<p>dois</p>' AS ntext), N'I', NULL)
INSERT [it's a schema].[modelosemails] VALUES (3, N'A bracket with a quote', 0x3C703E783C2F703E, N'A', N'hex')
SET IDENTITY_INSERT [dbo].[modelosemails] OFF
GO
IF NOT EXISTS (SELECT 1 FROM modelosemails WHERE idmodeloemail = 4)
	INSERT INTO modelosemails (idmodeloemail, titulo, texto, situacao, identificador)
	SELECT 4, N'One of two', N'<p>x</p>', N'A', N'um'
	UNION ALL
	SELECT TOP (1) 5, N'Two of two', N'<p>y</p>', N'A', N'dois'
INSERT dbo.modelosemails DEFAULT VALUES
DECLARE @id int = 6
INSERT INTO #modelosemails VALUES (99, N'a temporary table', N'x', N'A', N'no')
INSERT INTO citsmart..modelosemails (idmodeloemail, titulo, texto, situacao, identificador) VALUES (@id, N'A variable for the id', N'<p>x</p>', N'A', N'variavel')
DELETE FROM modelosemails WHERE idmodeloemail = 1
GO
